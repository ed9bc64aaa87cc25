// How the loop fared over time: from what the console was asked each second, or from
// the bars of a recording.

import type { Histograms, Stats } from "./api.ts";
import { add, empty, quantile, since } from "./histogram.ts";
import { State, type Spans } from "./spans.ts";

/** A Point is one moment of a chart. What is not known is null. */
export interface Point {
  /** at is in seconds: since 1970 for a live loop, since the start in a recording. */
  at: number;
  busy: number | null;
  tasks: number;
  ready: number;
  lag50: number | null;
  lag99: number | null;
  lagMax: number | null;
  step50: number | null;
  step99: number | null;
  stepMax: number | null;
}

const keep = 900; // points of a live loop: a quarter of an hour

/** Polls makes points of the answers of a console. */
export class Polls {
  readonly points: Point[] = [];
  last: Histograms | null = null;
  private stats: Stats | null = null;

  take(stats: Stats, histograms: Histograms | null): void {
    const at = Date.parse(stats.at) / 1000;
    const before = this.points[this.points.length - 1];
    if (before && at <= before.at) return; // the loop has not answered since
    const lag = histograms && this.last ? since(histograms.lag, this.last.lag) : null;
    const step = histograms && this.last ? since(histograms.step, this.last.step) : null;
    const old = this.stats;
    const whole = old ? stats.busy_ns - old.busy_ns + stats.asleep_ns - old.asleep_ns : 0;
    this.points.push({
      at,
      busy: old && whole > 0 ? (100 * (stats.busy_ns - old.busy_ns)) / whole : null,
      tasks: stats.tasks,
      ready: stats.ready,
      lag50: lag && known(quantile(lag, 0.5)),
      lag99: lag && known(quantile(lag, 0.99)),
      lagMax: lag && known(lag.max_ns),
      step50: step && known(quantile(step, 0.5)),
      step99: step && known(quantile(step, 0.99)),
      stepMax: step && known(step.max_ns),
    });
    if (this.points.length > keep) this.points.shift();
    this.stats = stats;
    this.last = histograms;
  }
}

function known(x: number): number | null {
  return Number.isFinite(x) && x > 0 ? x : null;
}

/** fromSpans makes points of a recording, and the histograms of all of it. Lag is how long tasks stood in the queue. */
export function fromSpans(spans: Spans, bins: number): { points: Point[]; whole: Histograms } {
  const { recording } = spans;
  const begin = recording.begin || 0;
  const width = Math.max(1, (recording.now - begin) / bins);
  const steps = Array.from({ length: bins }, empty);
  const lags = Array.from({ length: bins }, empty);
  const changes = { tasks: new Float64Array(bins + 1), queued: new Float64Array(bins) };
  const whole: Histograms = { lag: empty(), step: empty(), since_ms: (recording.now - begin) / 1e6 };
  const bin = (t: number) => Math.min(bins - 1, Math.max(0, Math.floor((t - begin) / width)));
  for (const row of spans.rows) {
    mark(changes.tasks, bin(row.begin), Number.isFinite(row.ended) ? bin(row.ended) : bins);
    for (let i = 0; i < row.length; i++) {
      const state = row.state(i);
      if (state !== State.Running && state !== State.Ready) continue;
      const [start, end] = [row.start(i), Math.min(row.end(i), recording.now)];
      const [each, all] = state === State.Running ? [steps, whole.step] : [lags, whole.lag];
      add(each[bin(end)] as (typeof steps)[0], end - start);
      add(all, end - start);
      if (state === State.Ready) spread(changes.queued, (start - begin) / width, (end - begin) / width);
    }
  }
  return { points: points(spans, begin, width, steps, lags, changes), whole };
}

/** spread adds a stretch, in bins, to the bins over which it goes: each gets the part that lies in it. */
function spread(sums: Float64Array, from: number, to: number): void {
  for (let i = Math.max(0, Math.floor(from)); i < Math.min(sums.length, to); i++) sums[i] = (sums[i] as number) + Math.min(to, i + 1) - Math.max(from, i);
}

function mark(changes: Float64Array, from: number, to: number): void {
  changes[from] = (changes[from] as number) + 1;
  changes[to] = (changes[to] as number) - 1;
}

function points(spans: Spans, begin: number, width: number, steps: Histograms["step"][], lags: Histograms["lag"][], changes: { tasks: Float64Array; queued: Float64Array }): Point[] {
  let tasks = 0;
  return steps.map((step, i) => {
    tasks += changes.tasks[i] as number;
    const lag = lags[i] as Histograms["lag"];
    const busy = spans.loop.between(begin + i * width, begin + (i + 1) * width).ran;
    return {
      at: (begin + (i + 0.5) * width) / 1e9,
      busy: Math.min(100, (100 * busy) / width),
      tasks,
      ready: changes.queued[i] as number,
      lag50: known(quantile(lag, 0.5)),
      lag99: known(quantile(lag, 0.99)),
      lagMax: known(lag.max_ns),
      step50: known(quantile(step, 0.5)),
      step99: known(quantile(step, 0.99)),
      stepMax: known(step.max_ns),
    };
  });
}
