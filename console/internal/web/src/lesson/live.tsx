// The runs of the lesson while they happen, one after the other. What is drawn is the
// recording, as far as it has come.

import { useMemo } from "preact/hooks";
import { History } from "../loop/history.ts";
import { single } from "../loop/tracks.ts";
import type { Growing } from "./growing.ts";
import { lanesOf } from "./lanes.tsx";
import { Run } from "./lesson.tsx";

export function Live({ runs }: { runs: readonly Growing[] }) {
  const histories = useMemo(() => runs.map((r) => new History(r.recording)), [runs]);
  const whole = scale(Math.max(...runs.map((r) => r.now())));
  const blockedAfter = whole / 20;
  return (
    <div class="lesson">
      <section class="difference">
        <h2>This happens now, one run after the other</h2>
        <p role="status">When all runs are over they can be replayed here, step by step, forwards and backwards.</p>
      </section>
      <div class="runs-side">
        {runs.map((run, i) => {
          const history = histories[i] as History;
          history.follow();
          if (run.recording.length === 0) return <Later key={i} number={i + 1} />;
          const until = run.now();
          const k = run.over ? history.length : (single(history).tail ?? history.length);
          return <Run key={i} live={!run.over} number={i + 1} address={run.address} history={history} k={k} now={until} until={until} whole={whole} lanes={lanesOf(history, blockedAfter, until)} blockedAfter={blockedAfter} moving={200} />;
        })}
      </div>
    </div>
  );
}

function Later({ number }: { number: number }) {
  return (
    <section class="run card" aria-labelledby={`run${number}`}>
      <header><h3 id={`run${number}`}>{number}. The next run</h3></header>
      <p class="faint">It waits for its turn.</p>
    </section>
  );
}

// scale is the time that the width of the lanes stands for: it must not change all the time.
function scale(now: number): number {
  let whole = 1e9;
  while (whole < now) whole *= 2;
  return whole;
}
