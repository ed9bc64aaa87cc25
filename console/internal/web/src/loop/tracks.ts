// The stops of one recording, and those of several with one clock.

import type { History } from "./history.ts";
import { next, previous, type Moment } from "./moments.ts";
import type { Track } from "./player.ts";

/** single makes the stops of one history: they are numbers of events. It grows with the history. */
export function single(h: History): Track {
  return {
    get first() { return h.first; },
    get last() { return h.length; },
    next: (p) => next(h, p),
    previous: (p) => previous(h, p),
    time: (p) => h.timeAt(p),
  };
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
