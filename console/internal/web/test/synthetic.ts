// A loop that never was: as many tasks and events as a test wants, by chance that is
// always the same.

import { Recording } from "../src/recording.ts";
import { header } from "./kit.ts";

export function synthetic(tasks: number, events: number): Recording {
  const r = new Recording();
  r.addText(header + JSON.stringify({ strings: ["sleep", "Queue.Get", "its time was over"], events: happen(tasks, events) }));
  return r;
}

function happen(tasks: number, most: number): number[][] {
  const out: number[][] = [];
  const chance = generator();
  const ready: number[] = [];
  const asleep: { task: number; until: number }[] = [];
  let t = 0;
  for (let id = 1; id <= tasks; id++) {
    out.push([t++, 0, id, id > 1 ? 1 : 0]);
    ready.push(id);
  }
  while (out.length < most) {
    if (ready.length === 0) {
      asleep.sort((a, b) => a.until - b.until);
      out.push([t, 6, 0, asleep[0]?.until ?? 0]);
      t = Math.max(t, asleep[0]?.until ?? t);
      out.push([t, 7], [t, 10]);
      for (let s = asleep[0]; s && s.until <= t; asleep.shift(), s = asleep[0]) {
        out.push([t, 4, s.task, 0, 0, 3]);
        ready.push(s.task);
      }
    }
    out.push([t, 12, 0, ready.length]);
    for (const id of ready.splice(0)) {
      out.push([t++, 1, id]);
      if (chance(10) === 0) {
        out.push([t, 4, id, 2]);
        ready.push(id);
      } else {
        const until = t + 1 + chance(5000);
        out.push([t, 3, id, 1 + chance(2), 0, until]);
        asleep.push({ task: id, until });
      }
    }
  }
  return out;
}

function generator(): (below: number) => number {
  let x = 2463534242;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}
