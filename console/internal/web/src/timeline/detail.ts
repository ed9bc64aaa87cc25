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
    i = row.at(to);
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

/** hit is the span at a place: the one there, or a narrow one beside it that one cannot point at exactly. */
export function hit(row: Row, t: number, perPixel: number): number {
  const i = row.at(t);
  if (i >= 0 && row.end(i) - row.start(i) >= 3 * perPixel) return row.state(i) === State.Ended ? -1 : i;
  let best = -1;
  let distance = 4 * perPixel;
  for (let k = Math.max(0, i - 2); k <= Math.min(row.length - 1, i + 2); k++) {
    if (row.state(k) === State.Ended) continue;
    const away = t < row.start(k) ? row.start(k) - t : Math.max(0, t - row.end(k));
    // Steps come before waits: they are what one aims at.
    const worth = away - (row.state(k) === State.Running ? perPixel : 0);
    if (worth < distance) [best, distance] = [k, worth];
  }
  return best;
}
