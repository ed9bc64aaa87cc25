// Level of detail: what of a row can be seen at the width that there is. Spans that are
// wide enough are bars of their own; where many fall into one column of pixels, the
// column shows how much of its time was spent how. The work grows with the pixels, not
// with the spans, so a recording of any length is drawn in the same time.

import { State, type Row } from "../spans.ts";
import type { Window } from "./window.ts";

export interface Sink {
  /** bar is span i of the row, from x to x+width. */
  bar(i: number, x: number, width: number): void;
  /** column is one column of pixels: parts of its time, from 0 to 1. */
  column(x: number, width: number, ran: number, ready: number, held: boolean, stepped: boolean): void;
}

const levels = 8; // of heights in a column; columns that look alike are drawn as one

/** detail tells sink what to draw for a row in a window of so many pixels. */
export function detail(row: Row, w: Window, pixels: number, now: number, sink: Sink): void {
  const scale = pixels / (w.to - w.from);
  const last = Math.min(w.to, now);
  const columns = new Columns(sink);
  let i = Math.max(0, row.at(w.from));
  let t = Math.max(w.from, row.begin);
  while (i < row.length && t < last) {
    const state = row.state(i);
    if (state === State.Ended) break;
    const end = Math.min(row.end(i), last);
    const x = (Math.max(t, row.start(i)) - w.from) * scale;
    const right = (end - w.from) * scale;
    if (right - x >= 1.5) {
      columns.flush();
      sink.bar(i, x, right - x);
      t = end;
      i++;
      continue;
    }
    // The span is narrower than a pixel: all that begins in this column is one.
    const column = Math.floor(x + 1e-6);
    const to = Math.min(w.from + (column + 1) / scale, last);
    columns.add(column, row, t, to);
    i = Math.max(0, row.before(to));
    if (row.end(i) <= to) i++; // a step of no time, just there, belongs to the next column
    t = to;
  }
  columns.flush();
}

/** Columns joins columns beside each other that look alike. */
class Columns {
  private x = -1;
  private width = 0;
  private ran = 0;
  private ready = 0;
  private held = false;
  private stepped = false;

  constructor(private readonly sink: Sink) {}

  add(x: number, row: Row, from: number, to: number): void {
    const whole = Math.max(to - from, 1e-9);
    const sums = row.between(from, to);
    const ran = Math.ceil(Math.min(1, sums.ran / whole) * levels - 1e-6) / levels;
    const ready = Math.ceil(Math.min(1, sums.ready / whole) * levels - 0.5) / levels;
    const held = sums.held > 0;
    const stepped = sums.steps > 0 || ran > 0;
    const alike = x === this.x + this.width && ran === this.ran && ready === this.ready && held === this.held && stepped === this.stepped;
    if (alike) {
      this.width++;
      return;
    }
    this.flush();
    [this.x, this.width, this.ran, this.ready, this.held, this.stepped] = [x, 1, ran, ready, held, stepped];
  }

  flush(): void {
    if (this.width > 0) this.sink.column(this.x, this.width, this.ran, this.ready, this.held, this.stepped);
    this.x = -1;
    this.width = 0;
  }
}

/**
 * hit is the span at a place, -1 where there is none. A step too narrow to be pointed at
 * exactly is hit from two pixels away: it is what one aims at, rather than the wait beside it.
 */
export function hit(row: Row, t: number, perPixel: number): number {
  const under = row.at(t);
  let best = -1;
  let distance = 2.5 * perPixel;
  for (let i = Math.max(0, under - 2); i <= Math.min(row.length - 1, under + 2); i++) {
    if (row.state(i) !== State.Running || row.end(i) - row.start(i) >= 3 * perPixel) continue;
    const away = Math.max(row.start(i) - t, t - row.end(i), 0);
    if (away < distance) [best, distance] = [i, away];
  }
  if (best >= 0) return best;
  return under >= 0 && row.state(under) !== State.Ended ? under : -1;
}
