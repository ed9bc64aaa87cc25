// Where the player stops: the numbers of events after which something else is to be
// seen. What only says where the next thing comes from (IO, Posts, Timers, Round) is
// taken together with it.

import type { History } from "./history.ts";
import { Kind } from "../recording.ts";

export function isStop(h: History, i: number): boolean {
  const e = h.event(i);
  const after = i + 1 < h.length ? h.event(i + 1) : undefined;
  switch (e.kind) {
    case Kind.IO: case Kind.Posts: case Kind.Timers: case Kind.Round: case Kind.Renamed: return false;
    case Kind.Callback: return !isOwn(h.recording.string(e.a));
    // A sleep of no time at all is the loop's way to look what has come.
    case Kind.Sleep: return !(after?.kind === Kind.Awake && after.t === e.t);
    case Kind.Awake: return !(i > h.first && h.event(i - 1).kind === Kind.Sleep && h.event(i - 1).t === e.t);
    default: return true;
  }
}

// isOwn tells callbacks of the loop itself from those of a program: what they do, such
// as to wake a task, is told anyway.
export function isOwn(what: string): boolean {
  return what.startsWith("the end of ") || what.startsWith("callback asyncio.") || what === "a timeout";
}

// stopAt is the stop at k, or the last one before.
export function stopAt(h: History, k: number): number {
  while (k > h.first && !isStop(h, k - 1)) k--;
  return k;
}

// next is the first stop after k, or the end.
export function next(h: History, k: number): number {
  for (let i = Math.max(k, h.first); i < h.length; i++) {
    if (isStop(h, i)) return i + 1;
  }
  return h.length;
}

// previous is the last stop before k, or the beginning.
export function previous(h: History, k: number): number {
  for (let i = Math.min(k, h.length) - 2; i >= h.first; i--) {
    if (isStop(h, i)) return i + 1;
  }
  return h.first;
}

// A moment is a stop of several recordings with one clock: how many events each has had.
export interface Moment {
  readonly t: number;
  readonly counts: readonly number[];
}

// together makes the stops of recordings that are compared. Their clocks are the same,
// but no two runs do the same thing in the same microsecond: what is nearer than gap is
// one time, and there each step takes all of them on by one event.
export function together(all: readonly History[], gap: number): Moment[] {
  const at = all.map((h) => h.first);
  const moments: Moment[] = [{ t: 0, counts: at.slice() }];
  for (;;) {
    const ahead = all.map((h, i) => next(h, at[i]!));
    const times = all.map((h, i) => (at[i]! < h.length ? h.event(ahead[i]! - 1).t : Infinity));
    const first = Math.min(...times);
    if (first === Infinity) return moments;
    let t = first;
    times.forEach((time, i) => {
      if (time > first + gap) return;
      at[i] = ahead[i]!;
      t = Math.max(t, time);
    });
    const before = moments[moments.length - 1]!.t;
    moments.push({ t: Math.max(t, before), counts: at.slice() });
  }
}
