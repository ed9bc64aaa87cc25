// The states of tasks over time, made from the events of a recording. Every task has a
// list of spans; a span lasts from its start to the start of the task's next one.
// Beside each span stand the sums of what came before it in the row, so that "how much
// of this stretch did it run?" costs two searches however many spans lie in between.

import { Cause, type Gap, Kind, type Recording } from "./recording.ts";

/** States. Asleep and Idle are the loop's own: it sleeps, or is at work for a task. */
export const State = { Ready: 0, Running: 1, Waiting: 2, Ended: 3, Asleep: 4, Idle: 5 } as const;

/** A step that is longer than this holds up all others so long that people notice. */
export const slowStep = 100e6;

/** One span as an object. `by` and `byTask` tell who ended a wait. */
export interface Span {
  index: number;
  state: number;
  start: number;
  /** end is Infinity while it lasts. */
  end: number;
  /** what a task waits for, what a callback is, or the error of a task that failed. */
  what: string;
  stack: number;
  until: number;
  cause: number;
  byTask: number;
  by: string;
}

// What a span is kept as: numbers in a row's array, this many of them.
const Field = { Start: 0, State: 1, What: 2, Stack: 3, Until: 4, Cause: 5, ByTask: 6, By: 7, Ran: 8, Ready: 9, Held: 10, Steps: 11 } as const;
const width = 12;

/**
 * A Row is the history of one task, or of the loop itself. It is one array of numbers:
 * there may be a hundred thousand rows, most of them short.
 */
export class Row {
  private data = new Float64Array(3 * width);
  length = 0;

  constructor(readonly task: number) {}

  get bytes(): number {
    return this.data.byteLength;
  }

  private get(i: number, field: number): number {
    return this.data[i * width + field] as number;
  }

  state(i: number): number {
    return i >= 0 && i < this.length ? this.get(i, Field.State) : State.Idle;
  }

  start(i: number): number {
    return this.get(i, Field.Start);
  }

  /** end of a span is Infinity while it lasts. */
  end(i: number): number {
    if (i + 1 < this.length) return this.get(i + 1, Field.Start);
    return this.state(i) === State.Ended ? this.start(i) : Infinity;
  }

  get begin(): number {
    return this.length ? this.start(0) : Infinity;
  }

  /** ended is when the task ended, Infinity while it lives. */
  get ended(): number {
    return this.lastState === State.Ended ? this.start(this.length - 1) : Infinity;
  }

  get lastState(): number {
    return this.state(this.length - 1);
  }

  /** enter begins a span, which ends the one before. */
  enter(state: number, t: number, what = 0, stack = 0, until = 0): void {
    if ((this.length + 1) * width > this.data.length) {
      const bigger = new Float64Array(this.data.length * 2);
      bigger.set(this.data);
      this.data = bigger;
    }
    const sums = this.total(this.length - 1, t);
    this.data.set([t, state, what, stack, until, 0, 0, 0, sums.ran, sums.ready, sums.held, sums.steps], this.length * width);
    this.length++;
  }

  /** tellEnd notes why the last span ends; called before the next one begins. */
  tellEnd(cause: number, byTask: number, by: number): void {
    if (this.length) this.data.set([cause, byTask, by], (this.length - 1) * width + Field.Cause);
  }

  /** at is the index of the span at time t, -1 before the first. */
  at(t: number): number {
    return this.search((start) => start <= t);
  }

  /** before is the index of the last span that began before time t, -1 where there is none. */
  before(t: number): number {
    return this.search((start) => start < t);
  }

  private search(early: (start: number) => boolean): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (early(this.get(middle, Field.Start))) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  span(i: number, recording: Recording): Span {
    return {
      index: i,
      state: this.state(i),
      start: this.start(i),
      end: this.end(i),
      what: recording.string(this.get(i, Field.What)),
      stack: this.get(i, Field.Stack),
      until: this.get(i, Field.Until),
      cause: this.get(i, Field.Cause),
      byTask: this.get(i, Field.ByTask),
      by: recording.string(this.get(i, Field.By)),
    };
  }

  /** isSlow tells that a span is a step that is longer than slowStep, or will be. */
  isSlow(i: number, now: number): boolean {
    return this.state(i) === State.Running && Math.min(this.end(i), now) - this.start(i) >= slowStep;
  }

  /** total is what all spans up to i add up to at time t, where one that lasts counts up to then. */
  private total(i: number, t: number): Totals {
    if (i < 0) return nothing;
    const state = this.get(i, Field.State);
    const took = Math.max(0, t - this.get(i, Field.Start));
    const running = state === State.Running || state === State.Idle;
    return {
      ran: this.get(i, Field.Ran) + (running ? took : 0),
      ready: this.get(i, Field.Ready) + (state === State.Ready ? took : 0),
      held: this.get(i, Field.Held) + (this.isSlow(i, i + 1 < this.length ? Infinity : t) ? took : 0),
      steps: this.get(i, Field.Steps) + (running ? 1 : 0),
    };
  }

  /** whole is what happened up to now. */
  whole(now: number): Totals {
    return this.total(this.at(now), now);
  }

  /** between is what happened in a stretch of time, its end not included: steps may take no time at all. */
  between(from: number, to: number): Totals {
    const a = this.total(this.before(from), from);
    const b = this.total(this.before(to), to);
    return { ran: b.ran - a.ran, ready: b.ready - a.ready, held: b.held - a.held, steps: b.steps - a.steps };
  }

  /** from takes over what another row knows, from time t on. */
  from(old: Row, t: number): void {
    const first = Math.max(0, old.at(t));
    this.data = old.data.slice(first * width, old.length * width);
    this.length = old.length - first;
  }
}

const nothing: Totals = { ran: 0, ready: 0, held: 0, steps: 0 };

export interface Totals {
  ran: number;
  ready: number;
  held: number;
  steps: number;
}

/** A SlowStep is a step during which nobody else could run, for long. */
export interface SlowStep {
  task: number;
  start: number;
  end: number;
}

/** Spans are the rows of a recording. They follow it: `update` reads what is new. */
export class Spans {
  readonly rows: Row[] = [];
  readonly byTask = new Map<number, Row>();
  /** loop is the row of the loop itself: it runs callbacks, is busy, or sleeps. */
  readonly loop = new Row(0);
  /** slow are the steps that took longer than slowStep, by their beginnings. */
  readonly slow: SlowStep[] = [];
  private read = 0; // events of the loop that were read, counted with those dropped
  private running: Row | null = null;
  private unlisted: Set<Row> | null = null; // while all tasks are listed, those that have yet to come

  constructor(readonly recording: Recording) {}

  update(): void {
    const r = this.recording;
    const gaps = r.gaps.filter((g) => g.at >= this.read);
    for (let i = this.read - r.dropped; i < r.length; i++) {
      if (gaps[0]?.at === r.dropped + i) this.loses(gaps.shift() as Gap);
      this.apply(i);
    }
    this.read = r.dropped + r.length;
  }

  row(task: number): Row {
    let row = this.byTask.get(task);
    if (!row) {
      row = new Row(task);
      this.byTask.set(task, row);
      this.rows.push(row);
    }
    return row;
  }

  private apply(i: number): void {
    const r = this.recording;
    const t = r.t.at(i);
    const task = r.task.at(i);
    const a = r.a.at(i);
    const kind = r.kind.at(i);
    if (kind !== Kind.Exists && this.unlisted) this.listed(t);
    switch (kind) {
      case Kind.Exists:
        return this.exists(i);
      case Kind.Created:
        this.row(task).enter(State.Ready, t);
        return;
      case Kind.Step:
        this.runs(this.row(task), t);
        return;
      case Kind.Callback:
        this.runs(null, t);
        this.loop.enter(State.Running, t, a);
        return;
      case Kind.Parked:
        this.ends(this.row(task), t).enter(State.Waiting, t, a, r.b.at(i), r.c.at(i));
        return;
      case Kind.Woken: {
        const row = this.row(task);
        row.tellEnd(a, r.b.at(i), r.c.at(i));
        this.ends(row, t).enter(State.Ready, t);
        return;
      }
      case Kind.Done:
        this.ends(this.row(task), t);
        this.row(task).tellEnd(a, 0, r.b.at(i));
        this.row(task).enter(State.Ended, t, r.b.at(i));
        return;
      case Kind.Sleep:
        this.runs(null, t);
        this.loop.enter(State.Asleep, t, 0, 0, a);
        return;
      case Kind.Awake:
        this.loop.enter(State.Idle, t);
        return;
    }
  }

  /**
   * follow takes over the rows of spans that were made from the same recording, from
   * its first event on: what was before is forgotten, and so are tasks that had ended.
   */
  follow(old: Spans): void {
    const begin = this.recording.begin;
    for (const row of old.rows) if (row.ended >= begin) this.row(row.task).from(row, begin);
    this.loop.from(old.loop, begin);
    this.slow.push(...old.slow.filter((s) => s.end >= begin));
    this.running = old.running && (this.byTask.get(old.running.task) ?? null);
    this.read = old.read;
  }

  private exists(i: number): void {
    const r = this.recording;
    this.unlisted ??= new Set(this.rows.filter((known) => known.lastState !== State.Ended));
    const row = this.row(r.task.at(i));
    this.unlisted.delete(row);
    const [t, a, last] = [r.t.at(i), r.a.at(i), row.length - 1];
    if (a === State.Running) return this.runs(row, t);
    const state = a === State.Waiting ? State.Waiting : State.Ready;
    const since = Math.min(t, r.c.at(i) || t);
    if (row.lastState === state && since <= row.start(last)) return; // as it was
    row.enter(state, last < 0 ? since : Math.max(since, row.start(last)), r.b.at(i), 0, r.d.at(i));
  }

  /** loses forgets who ran: nobody knows how long the step lasted whose end is missing. */
  private loses(gap: Gap): void {
    this.running?.enter(State.Ready, gap.from);
    this.running = null;
  }

  /** listed ends tasks that are not on a list of all: events are missing in which they have ended. */
  private listed(t: number): void {
    for (const row of this.unlisted ?? []) {
      this.ends(row, t).tellEnd(unseen, 0, 0);
      row.enter(State.Ended, t);
    }
    this.unlisted = null;
  }

  /** runs begins a step of a task, or of something else that the loop calls. */
  private runs(row: Row | null, t: number): void {
    const before = this.running;
    if (before) this.note(before, t);
    if (before && before !== row && before.lastState === State.Running) before.enter(State.Ready, t);
    this.running = row;
    if (!row) return;
    row.enter(State.Running, t);
    if (this.loop.length === 0 || this.loop.lastState !== State.Idle) this.loop.enter(State.Idle, t);
  }

  private ends(row: Row, t: number): Row {
    if (this.running === row) {
      this.note(row, t);
      this.running = null;
    }
    return row;
  }

  private note(row: Row, t: number): void {
    const start = row.start(row.length - 1);
    if (row.lastState === State.Running && t - start >= slowStep) this.slow.push({ task: row.task, start, end: t });
  }

  /** slowBetween are the slow steps in a stretch of time, one that lasts included. */
  slowBetween(from: number, to: number): SlowStep[] {
    const found = this.slow.filter((s) => s.start < to && s.end > from);
    const { running, recording } = this;
    if (running && running.isSlow(running.length - 1, recording.now)) {
      found.push({ task: running.task, start: running.start(running.length - 1), end: recording.now });
    }
    return found;
  }
}

// The outcome of a task that has ended while nobody saw it.
const unseen = -1;

/** outcome says in words how a task has ended. */
export function outcome(cause: number): string {
  switch (cause) {
    case Cause.Failed:
      return "failed";
    case Cause.Cancelled:
      return "was cancelled";
    case Cause.Panicked:
      return "panicked";
    case Cause.Exited:
      return "was ended by runtime.Goexit";
    case unseen:
      return "has ended, in events that are missing";
    default:
      return "returned";
  }
}
