// The stops of one recording, and those of several with one clock.

import type { History } from "./history.ts";
import { next, previous, type Moment } from "./moments.ts";
import type { Track } from "./player.ts";
import { Kind } from "../recording.ts";

/** single makes the stops of one history: they are numbers of events. It grows with the history. */
export function single(h: History): Track {
  return {
    get first() { return h.first; },
    get last() { return h.length; },
    get tail() { return settled(h); },
    next: (p) => next(h, p),
    previous: (p) => previous(h, p),
    time: (p) => h.timeAt(p),
  };
}

// Who asks a loop that sleeps what it has done wakes it for that, and it sleeps again at
// once. What is told by that is not how things are.
const restless: readonly number[] = [Kind.Awake, Kind.Posts, Kind.IO, Kind.Timers, Kind.Round];

function settled(h: History): number {
  let k = h.length;
  while (k > h.first && restless.includes(h.event(k - 1).kind)) k--;
  return k > h.first ? k : h.length;
}

/** several are the moments of recordings that are compared. */
export function several(moments: readonly Moment[]): Track {
  const last = moments.length - 1;
  return {
    first: 0,
    last,
    next: (p) => Math.min(p + 1, last),
    previous: (p) => Math.max(p - 1, 0),
    time: (p) => (moments[p] as Moment).t,
  };
}
