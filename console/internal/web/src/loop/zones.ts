// What stands where in the picture of a loop: a state, put in order and cut to what one
// can look at. Many tasks become counts, with the first of them.

import type { Recording } from "../recording.ts";
import type { State, TaskState } from "./machine.ts";

export interface Group {
  readonly what: string;
  readonly count: number;
  readonly first: readonly TaskState[]; // those whose timers are due first, then those that wait longest
}

export interface Zones {
  readonly ready: readonly TaskState[];
  readonly readyCount: number;
  readonly groups: readonly Group[];
  readonly moreGroups: number;
  readonly waitingCount: number;
  readonly timers: readonly TaskState[]; // in the order of their deadlines
  readonly timerCount: number;
  /** unknownTimers are sleeps of which the recording does not tell until when they last: they began before it. */
  readonly unknownTimers: number;
}

export interface Limits {
  readonly ready: number;
  readonly groups: number;
  readonly perGroup: number;
  readonly timers: number;
}

export function zonesOf(r: Recording, s: State, limits: Limits): Zones {
  const groups = new Map<number, TaskState[]>();
  const timers: TaskState[] = [];
  let waitingCount = 0;
  let unknownTimers = 0;
  for (const t of s.tasks.values()) {
    if (t.phase !== "waiting") continue;
    waitingCount++;
    const group = groups.get(t.waitsFor);
    if (group) group.push(t);
    else groups.set(t.waitsFor, [t]);
    if (t.until > 0) timers.push(t);
    else if (r.string(t.waitsFor) === "sleep") unknownTimers++;
  }
  const sorted = [...groups].sort(([, a], [, b]) => b.length - a.length);
  return {
    ready: readyOf(s, limits.ready),
    readyCount: s.ready.size,
    groups: sorted.slice(0, limits.groups).map(([what, tasks]) => groupOf(r.string(what), tasks, limits.perGroup)),
    moreGroups: Math.max(0, sorted.length - limits.groups),
    waitingCount,
    timers: smallest(timers, limits.timers, (a, b) => a.until - b.until || a.since - b.since || a.id - b.id),
    timerCount: timers.length,
    unknownTimers,
  };
}

function readyOf(s: State, most: number): TaskState[] {
  const found: TaskState[] = [];
  for (const id of s.ready) {
    if (found.length === most) break;
    const t = s.tasks.get(id);
    if (t) found.push(t);
  }
  return found;
}

function groupOf(what: string, tasks: TaskState[], most: number): Group {
  const order = (a: TaskState, b: TaskState) => (a.until || Infinity) - (b.until || Infinity) || a.since - b.since || a.id - b.id;
  // Infinity − Infinity is no number, and as no order it lets the next rule decide.
  return { what: what || "something", count: tasks.length, first: smallest(tasks, most, order) };
}

// smallest are the first `most` in order. A hundred thousand are not sorted for five.
function smallest<T>(items: readonly T[], most: number, order: (a: T, b: T) => number): T[] {
  if (items.length <= 4 * most) return [...items].sort(order).slice(0, most);
  const kept: T[] = [];
  for (const item of items) {
    if (kept.length === most && order(item, kept[most - 1] as T) >= 0) continue;
    kept.push(item);
    kept.sort(order);
    if (kept.length > most) kept.pop();
  }
  return kept;
}
