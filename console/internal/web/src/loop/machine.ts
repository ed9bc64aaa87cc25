// What a loop looks like after a number of events: a reducer. It knows no history and
// no page. Records of tasks are replaced and never changed, so that a copy of a state
// costs its maps and nothing below them.

import { Cause, type Event, Kind } from "../recording.ts";

export type Phase = "ready" | "running" | "waiting";

export interface TaskState {
  readonly id: number;
  readonly parent: number;
  readonly phase: Phase;
  readonly since: number; // when the phase began
  readonly waitsFor: number; // a string; 0 where it does not wait
  readonly until: number; // when a timer will end the wait; 0 for none
  readonly stack: number; // where it was seen last, plus 1; 0 where that is not known
  readonly steps: number;
  readonly woken: Waking | null; // why it is ready, or was when its step began
}

export interface Waking {
  readonly cause: number;
  readonly task: number; // who did it; 0 where it was no task
  readonly by: number; // who did it in words, a string
}

export interface Ending {
  readonly id: number;
  readonly t: number;
  readonly outcome: number;
  readonly error: number; // a string
}

export interface State {
  t: number;
  readonly tasks: Map<number, TaskState>; // those that have not ended
  readonly ready: Set<number>; // in the order of the queue
  readonly running: number[]; // the last one runs; those before have started it and go on after it
  callback: number; // the callback that runs, a string; -1 for none
  asleep: number; // until when the loop sleeps; 0 for ever, -1 where it is awake
  listing: boolean; // the last event said what was there
  round: number; // rounds so far
  ended: number;
  readonly endings: Ending[]; // the last few, the newest last
}

// How many of those that have ended stay to be seen.
export const keptEndings = 12;

export function newState(): State {
  return {
    t: 0, tasks: new Map(), ready: new Set(), running: [], callback: -1, asleep: -1, listing: false,
    round: 0, ended: 0, endings: [],
  };
}

export function copyState(s: State): State {
  return {
    ...s, tasks: new Map(s.tasks), ready: new Set(s.ready),
    running: s.running.slice(), endings: s.endings.slice(),
  };
}

export function runningTask(s: State): TaskState | undefined {
  const id = s.running.at(-1);
  return id === undefined ? undefined : s.tasks.get(id);
}

// apply changes s to what it is after e. Where events were lost before e, it makes of
// them what it can.
export function apply(s: State, e: Event): void {
  s.t = e.t;
  if (e.kind !== Kind.Exists) s.listing = false;
  reducers[e.kind]?.(s, e);
}

type Reducer = (s: State, e: Event) => void;

const reducers: Record<number, Reducer> = {
  [Kind.Created]: (s, e) => {
    put(s, { ...fresh(e.task, e.t), parent: e.a });
    s.ready.add(e.task);
  },
  [Kind.Exists]: exists,
  [Kind.Step]: step,
  [Kind.Callback]: (s, e) => {
    nothingRuns(s, e.t);
    s.callback = e.a;
  },
  [Kind.Parked]: (s, e) => {
    const t = leave(s, e);
    put(s, { ...t, phase: "waiting", since: e.t, waitsFor: e.a, until: e.c, stack: e.b || t.stack, woken: null });
  },
  [Kind.Woken]: (s, e) => {
    const t = leave(s, e);
    const woken = { cause: e.a, task: e.b, by: e.c };
    put(s, { ...t, phase: "ready", since: e.t, waitsFor: 0, until: 0, woken });
    s.ready.add(e.task);
  },
  [Kind.Done]: (s, e) => {
    leave(s, e);
    s.tasks.delete(e.task);
    s.ended++;
    s.endings.push({ id: e.task, t: e.t, outcome: e.a, error: e.b });
    if (s.endings.length > keptEndings) s.endings.shift();
  },
  [Kind.Sleep]: (s, e) => {
    nothingRuns(s, e.t);
    s.asleep = e.a;
  },
  [Kind.Awake]: (s) => {
    s.asleep = -1;
  },
  [Kind.IO]: (s, e) => nothingRuns(s, e.t),
  [Kind.Posts]: (s, e) => nothingRuns(s, e.t),
  [Kind.Timers]: (s, e) => nothingRuns(s, e.t),
  [Kind.Round]: (s, e) => {
    nothingRuns(s, e.t);
    s.asleep = -1;
    s.round++;
  },
  [Kind.Said]: (s, e) => {
    const t = s.tasks.get(e.task);
    if (t && e.b > 0) put(s, { ...t, stack: e.b });
  },
};

function fresh(id: number, t: number): TaskState {
  return { id, parent: 0, phase: "ready", since: t, waitsFor: 0, until: 0, stack: 0, steps: 0, woken: null };
}

function put(s: State, t: TaskState): void {
  s.tasks.set(t.id, t);
}

// exists is for what was there when the recording began, or after a gap in it. Several
// events in a row are a list of all: who is not on it has ended.
function exists(s: State, e: Event): void {
  const t = fresh(e.task, e.c || e.t);
  if (!s.listing) {
    s.tasks.clear();
    s.ready.clear();
    s.running.length = 0;
  }
  s.listing = true;
  if (e.a === 2) put(s, { ...t, phase: "waiting", waitsFor: e.b, until: e.d });
  else if (e.a === 1) {
    put(s, { ...t, phase: "running" });
    s.running.push(e.task);
  } else {
    put(s, t);
    s.ready.add(e.task);
  }
}

// step begins a step. A task that still runs has started this one eagerly: it goes on
// afterwards.
function step(s: State, e: Event): void {
  const t = s.tasks.get(e.task) ?? fresh(e.task, e.t);
  s.ready.delete(e.task);
  s.callback = -1;
  s.asleep = -1;
  const at = s.running.indexOf(e.task);
  if (at >= 0) s.running.length = at;
  s.running.push(e.task);
  put(s, { ...t, phase: "running", since: e.t, waitsFor: 0, until: 0, steps: t.steps + 1 });
}

// leave takes the task out of where it is.
function leave(s: State, e: Event): TaskState {
  const at = s.running.lastIndexOf(e.task);
  if (at >= 0) s.running.splice(at, 1);
  s.ready.delete(e.task);
  return s.tasks.get(e.task) ?? fresh(e.task, e.t);
}

// nothingRuns ends what is said to run where the loop is known to do something else:
// only lost events leave a step without its end.
function nothingRuns(s: State, t: number): void {
  s.callback = -1;
  for (const id of s.running.splice(0)) {
    const task = s.tasks.get(id);
    if (task) put(s, { ...task, phase: "waiting", since: t });
  }
}

export function outcomeInWords(outcome: number): string {
  switch (outcome) {
    case Cause.Failed: return "failed";
    case Cause.Cancelled: return "cancelled";
    case Cause.Panicked: return "panicked";
    case Cause.Exited: return "left by Goexit";
    default: return "done";
  }
}
