// Histograms of durations by powers of two, as the loop keeps them: bucket i counts
// what is below 2^i nanoseconds and not below 2^(i-1).

import type { Histogram } from "./api.ts";

export function empty(): Histogram {
  return { buckets: new Array<number>(48).fill(0), sum_ns: 0, max_ns: 0 };
}

export function add(h: Histogram, ns: number): void {
  const d = Math.max(0, Math.floor(ns));
  const i = Math.min(d === 0 ? 0 : Math.floor(Math.log2(d)) + 1, h.buckets.length - 1);
  h.buckets[i] = (h.buckets[i] ?? 0) + 1;
  h.sum_ns += d;
  h.max_ns = Math.max(h.max_ns, d);
}

export function total(h: Histogram): number {
  return h.buckets.reduce((a, b) => a + b, 0);
}

/** since is what was counted after an earlier state of the same histogram. The greatest is not known: its bucket's end stands for it. */
export function since(now: Histogram, before: Histogram): Histogram {
  const buckets = now.buckets.map((n, i) => Math.max(0, n - (before.buckets[i] ?? 0)));
  const last = buckets.reduce((found, n, i) => (n > 0 ? i : found), -1);
  const max_ns = now.max_ns > before.max_ns ? now.max_ns : last < 0 ? 0 : Math.min(now.max_ns, 2 ** last);
  return { buckets, sum_ns: Math.max(0, now.sum_ns - before.sum_ns), max_ns };
}

/** quantile is about how long the given part of all took at most: exact to its bucket. NaN where there is none. */
export function quantile(h: Histogram, part: number): number {
  const all = total(h);
  if (all === 0) return NaN;
  let rest = part * all;
  for (const [i, n] of h.buckets.entries()) {
    if (n > 0 && rest <= n) {
      const low = i === 0 ? 0 : 2 ** (i - 1);
      return Math.min(low + (2 ** i - low) * (rest / n), h.max_ns || Infinity);
    }
    rest -= n;
  }
  return h.max_ns;
}
