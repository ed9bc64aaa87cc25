// The lag: how late the loop is, what keeps it busy, and how that changes.

import { useMemo } from "preact/hooks";
import type { Histogram, Histograms } from "../api.ts";
import { Chart, type Line } from "../chart.tsx";
import { quantile, total } from "../histogram.ts";
import { fromSpans, type Point } from "../series.ts";
import type { Session } from "../session.ts";
import { useStore } from "../store.ts";
import { count, duration } from "../text.ts";
import { Empty, Over } from "../ui.tsx";
import type { ViewProps } from "../views.ts";

export function Lag({ session }: ViewProps) {
  useStore(session, 1000);
  return session.isLive ? <LiveLag session={session} /> : <FileLag session={session} />;
}

function LiveLag({ session }: { session: Session }) {
  const { points, last } = session.polls;
  if (points.length < 2 && !session.follows) return <Over session={session} what="How late it is" />;
  if (points.length < 2) return <Empty title="Measuring"><p>The loop keeps these numbers only while somebody looks. The first ones are there in a second or two.</p></Empty>;
  return <Charts points={points} whole={last} wall lagTitle="Lag" lagMeans="How much later than planned the loop got to its timers. Everything that the program answers is late by this much." />;
}

function FileLag({ session }: { session: Session }) {
  const { spans, recording } = session;
  const { points, whole } = useMemo(() => fromSpans(spans, 240), [spans, recording.length]);
  if (recording.length === 0) return <Empty title="The recording is empty" />;
  return <Charts points={points} whole={whole} wall={false} lagTitle="Time in the queue" lagMeans="How long tasks that could run had to wait for their turn." />;
}

interface ChartsProps {
  points: Point[];
  whole: Histograms | null;
  wall: boolean;
  lagTitle: string;
  lagMeans: string;
}

function Charts({ points, whole, wall, lagTitle, lagMeans }: ChartsProps) {
  const at = points.map((p) => p.at);
  const three = (of: (p: Point) => (number | null)[]): Line[] => [
    { name: "half of all, at most", color: "running", values: points.map((p) => of(p)[0] ?? null) },
    { name: "99 of 100, at most", color: "ready", dash: [7, 4], values: points.map((p) => of(p)[1] ?? null) },
    { name: "the longest", color: "blocked", dash: [2, 3], values: points.map((p) => of(p)[2] ?? null) },
  ];
  return (
    <div class="lag">
      <h2 class="hidden">Lag</h2>
      <div class="charts">
        <Chart title={lagTitle} explained={lagMeans} at={at} wall={wall} unit="duration" lines={three((p) => [p.lag50, p.lag99, p.lagMax])} />
        <Chart title="Time of a step" explained="How long a task ran until it let others run. Long steps are what makes the loop late." at={at} wall={wall} unit="duration" lines={three((p) => [p.step50, p.step99, p.stepMax])} />
        <Chart title="How busy the loop is" explained="The part of the time in which it had something to run. Near 100 % it cannot keep up." at={at} wall={wall} unit="percent" lines={[{ name: "busy", color: "accent", fill: true, values: points.map((p) => p.busy) }]} />
        <Chart title="Tasks" explained="How many there are, and how many stand in the queue." at={at} wall={wall} unit="count" lines={[{ name: "all", color: "waiting", fill: true, values: points.map((p) => p.tasks) }, { name: "ready", color: "ready", dash: [7, 4], values: points.map((p) => p.ready) }]} />
      </div>
      {whole && (
        <div class="charts">
          <Buckets title={`${lagTitle}: how often how long`} h={whole.lag} />
          <Buckets title="Steps: how often how long" h={whole.step} />
        </div>
      )}
    </div>
  );
}

/** Buckets is a histogram as a table whose rows are bars: it reads the same to everybody. */
function Buckets({ title, h }: { title: string; h: Histogram }) {
  const all = total(h);
  const first = h.buckets.findIndex((n) => n > 0);
  const last = h.buckets.findLastIndex((n) => n > 0);
  const most = Math.max(...h.buckets);
  return (
    <section class="chart card">
      <h3>{title}</h3>
      {all === 0 ? <p class="faint">Nothing was measured yet.</p> : (
        <>
          <p class="quantiles">
            {[0.5, 0.9, 0.99, 0.999].map((q) => <span><span class="faint">{q * 100} % within</span> <strong>{duration(quantile(h, q))}</strong></span>)}
            <span><span class="faint">longest</span> <strong>{duration(h.max_ns)}</strong></span>
            <span><span class="faint">mean</span> <strong>{duration(h.sum_ns / all)}</strong></span>
          </p>
          <table class="buckets">
            <thead class="hidden"><tr><th scope="col">Duration</th><th scope="col">Count</th></tr></thead>
            <tbody>
              {h.buckets.slice(first, last + 1).map((n, i) => (
                <tr>
                  <th scope="row">up to {duration(2 ** (first + i))}</th>
                  <td class="bucket-bar"><div style={{ width: `${n === 0 ? 0 : Math.max(0.6, (100 * n) / most)}%` }} /></td>
                  <td class="number">{count(n)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}
