// What a loop has written down, read line by line into columns. A file and the live
// stream are the same lines. Other modules derive states and pictures from it.

import { label } from "./text.ts";

export const Kind = {
  Created: 0,
  Step: 1,
  Callback: 2,
  Parked: 3,
  Woken: 4,
  Done: 5,
  Sleep: 6,
  Awake: 7,
  IO: 8,
  Posts: 9,
  Timers: 10,
  Renamed: 11,
  Round: 12,
  Exists: 20,
  Said: 21,
} as const;

export const Cause = {
  Wake: 0,
  Cancel: 1,
  Yield: 2,
  Returned: 3,
  Failed: 4,
  Cancelled: 5,
  Panicked: 6,
  Exited: 7,
} as const;

export type Detail = "coarse" | "exact" | "stacks";

export interface Header {
  program: string;
  pid: number;
  loop: number;
  name: string;
  start: string;
  virtual: boolean;
  detail: Detail;
  title?: string;
  sources?: Record<string, string>;
}

export interface TaskInfo {
  id: number;
  name: string;
  parent: number;
  function: string;
  file: string;
  line: number;
}

export type Frame = readonly [fn: string, file: string, line: number];

export interface Blocked {
  since: number;
  task: number;
  stack: string;
}

export interface Ended {
  t: number;
  error: string;
}

/** A column is an array of numbers that grows. */
export class Column {
  data = new Float64Array(256);
  length = 0;

  push(x: number): void {
    if (this.length === this.data.length) {
      const bigger = new Float64Array(this.length * 2);
      bigger.set(this.data);
      this.data = bigger;
    }
    this.data[this.length++] = x;
  }

  at(i: number): number {
    return i < this.length ? (this.data[i] as number) : NaN;
  }

  /** dropFirst forgets the first n numbers. */
  dropFirst(n: number): void {
    this.data.copyWithin(0, n, this.length);
    this.length -= n;
  }
}

/** One event as an object, for those who look at few. */
export interface Event {
  t: number;
  kind: number;
  task: number;
  a: number;
  b: number;
  c: number;
  d: number;
}

/** A Gap is a stretch of time of which `count` events are missing: before event `at`, counted with those dropped. */
export interface Gap {
  at: number;
  from: number;
  to: number;
  count: number;
}

const mostGaps = 1000;

export class Recording {
  header: Header | null = null;
  readonly tasks = new Map<number, TaskInfo>();
  readonly strings: string[] = [""];
  readonly frames: Frame[] = [];
  readonly stacks: number[][] = [];

  // The columns of the events. Event i of the columns is event dropped+i of the loop.
  readonly t = new Column();
  readonly kind = new Column();
  readonly task = new Column();
  readonly a = new Column();
  readonly b = new Column();
  readonly c = new Column();
  readonly d = new Column();
  dropped = 0;

  /** gaps are where events are missing, the last of them. */
  readonly gaps: Gap[] = [];
  /** missing is how many events are missing in all. */
  missing = 0;
  /** now is up to when the recording is complete, in nanoseconds since the start. */
  now = 0;
  /** begin is the time of the first event, NaN before there is one. */
  begin = NaN;
  blocked: Blocked | null = null;
  ended: Ended | null = null;
  /** problem is why reading has stopped: what comes after a line that is not understood would build on it. */
  problem = "";
  private lines = 0;

  get length(): number {
    return this.t.length;
  }

  event(i: number): Event {
    return { t: this.t.at(i), kind: this.kind.at(i), task: this.task.at(i), a: this.a.at(i), b: this.b.at(i), c: this.c.at(i), d: this.d.at(i) };
  }

  string(i: number): string {
    return this.strings[i] ?? "";
  }

  name(task: number): string {
    return this.tasks.get(task)?.name || (task ? `Task-${task}` : "");
  }

  /** stack returns the frames of a stack as events name it: 0 is none, 1 the first. */
  stack(index: number): Frame[] {
    return (this.stacks[index - 1] ?? []).map((f) => this.frames[f] ?? ["", "", 0]);
  }

  /** addText reads many lines, such as a file. */
  addText(text: string): void {
    for (let from = 0; from < text.length && !this.problem; ) {
      let to = text.indexOf("\n", from);
      if (to < 0) to = text.length;
      this.addLine(text.slice(from, to));
      from = to + 1;
    }
  }

  /** addLine reads one line. What it cannot read it notes in problem, and reads nothing any more. */
  addLine(line: string): void {
    if (this.problem) return;
    this.lines++;
    if (line.trim() === "") return;
    try {
      this.add(object(line));
    } catch (e) {
      this.problem = `Line ${this.lines}: ${why(e, line, !this.header)}.`;
    }
  }

  private add(o: Record<string, unknown>): void {
    if (!this.header || "format" in o) {
      this.begins(o);
      return;
    }
    for (const t of list(o.tasks)) this.addTask(t as Record<string, unknown>);
    for (const s of list(o.strings)) this.strings.push(String(s));
    for (const f of list(o.frames)) this.frames.push(frame(f));
    for (const s of list(o.stacks)) this.stacks.push(list(s).map(Number));
    const events = list(o.events);
    if (num(o.lost) > 0) this.misses(num(o.lost), events[0]);
    for (const e of events) this.addEvent(e);
    if (typeof o.now === "number") this.now = Math.max(this.now, o.now);
    this.addState(o);
  }

  private begins(o: Record<string, unknown>): void {
    if (this.header) throw new Error("another recording begins here");
    if (o.format !== "asyncio-recording") throw new Error("this is no recording of a loop: the first line of one tells its format");
    if (o.version !== 1) throw new Error(`version ${label(JSON.stringify(o.version) ?? "", 20)} of the format is not known here, only version 1`);
    const detail = o.detail === "coarse" || o.detail === "stacks" ? o.detail : "exact";
    this.header = {
      program: str(o.program),
      pid: num(o.pid),
      loop: num(o.loop),
      name: str(o.name),
      start: str(o.start),
      virtual: o.virtual === true,
      detail,
    };
    if (typeof o.title === "string") this.header.title = o.title;
    if (typeof o.sources === "object" && o.sources) this.header.sources = o.sources as Record<string, string>;
  }

  private addTask(o: Record<string, unknown>): void {
    const old = this.tasks.get(num(o.id));
    this.tasks.set(num(o.id), {
      id: num(o.id),
      name: str(o.name) || old?.name || `Task-${num(o.id)}`,
      parent: num(o.parent) || (old?.parent ?? 0),
      function: str(o.function) || (old?.function ?? ""),
      file: str(o.file) || (old?.file ?? ""),
      line: num(o.line) || (old?.line ?? 0),
    });
  }

  private addEvent(e: unknown): void {
    if (!Array.isArray(e) || e.length < 2 || !e.every(Number.isFinite)) throw new Error("an event is no list of numbers");
    const [t, kind, task = 0, a = 0, b = 0, c = 0, d = 0] = e as number[];
    // Time never falls: who draws and who searches relies on it.
    const at = this.length ? Math.max(t as number, this.t.at(this.length - 1)) : (t as number);
    if (this.length === 0) this.begin = at;
    this.t.push(at);
    this.kind.push(kind as number);
    this.task.push(task);
    this.a.push(a);
    this.b.push(b);
    this.c.push(c);
    this.d.push(d);
    this.now = Math.max(this.now, at);
  }

  private misses(count: number, next: unknown): void {
    const from = this.length ? this.t.at(this.length - 1) : this.now;
    this.gaps.push({ at: this.dropped + this.length, from, to: Math.max(from, num(list(next)[0])), count });
    if (this.gaps.length > mostGaps) this.gaps.shift();
    this.missing += count;
  }

  private addState(o: Record<string, unknown>): void {
    if ("blocked" in o) {
      const b = o.blocked as Record<string, unknown> | null;
      this.blocked = b ? { since: num(b.since), task: num(b.task), stack: str(b.stack) } : null;
    }
    if (o.ended) {
      const e = o.ended as Record<string, unknown>;
      this.ended = { t: num(e.t), error: str(e.error) };
      this.now = Math.max(this.now, this.ended.t);
      this.blocked = null;
    }
  }

  /** forget drops the first n events, so that a stream that is watched for days fits. */
  forget(n: number): void {
    for (const column of [this.t, this.kind, this.task, this.a, this.b, this.c, this.d]) column.dropFirst(n);
    this.dropped += n;
    if (this.length > 0) this.begin = this.t.at(0);
  }

  /** forgetTasks drops what is known of tasks that are not wanted any more, but for the parents of those that are. */
  forgetTasks(wanted: (id: number) => boolean): void {
    const parents = new Set<number>();
    for (const t of this.tasks.values()) if (wanted(t.id)) parents.add(t.parent);
    for (const id of this.tasks.keys()) if (!wanted(id) && !parents.has(id)) this.tasks.delete(id);
  }
}

/** why tells what is wrong with a line, or with the whole file where it is a trace: a flight recorder writes one beside each recording. */
function why(e: unknown, line: string, first: boolean): string {
  if (first && line.slice(0, 5000).includes('"traceEvents"')) return "this is a Chrome trace, which ui.perfetto.dev shows; the recording for this page is the file that ends in .ndjson";
  return e instanceof Error ? e.message : String(e);
}

/** object is what a line holds. */
function object(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`it is no JSON: ${label(line, 40)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is no JSON object");
  return value as Record<string, unknown>;
}

function list(x: unknown): unknown[] {
  return Array.isArray(x) ? x : [];
}

function num(x: unknown): number {
  return typeof x === "number" && Number.isFinite(x) ? x : 0;
}

function str(x: unknown): string {
  return typeof x === "string" ? x : "";
}

function frame(x: unknown): Frame {
  const [fn, file, line] = list(x);
  return [str(fn), str(file), num(line)];
}
