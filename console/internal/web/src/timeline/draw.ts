// The picture of the timeline on a canvas: rows of bars under an axis, names beside
// them. It draws what a Scene says and keeps nothing but batches of rectangles, so that
// the colour of the brush changes some times per frame and not per bar.

import { State, type Row } from "../spans.ts";
import { duration } from "../text.ts";
import { detail, type Sink } from "./detail.ts";
import type { Palette } from "./palette.ts";
import { axisHeight, loopHeight, xOf, type Scene } from "./scene.ts";
import { drawAxis, drawGrid, drawNames, fitted } from "./surround.ts";

/** Batches are rectangles by the way they are painted. */
type Batches = Map<string, number[]>;

export class Painter {
  private readonly batches: Batches = new Map();
  private readonly texts: { x: number; y: number; width: number; text: string; style: string }[] = [];

  constructor(
    readonly c: CanvasRenderingContext2D,
    public palette: Palette,
    readonly font: string,
  ) {}

  paint(s: Scene): void {
    const { c, palette: p } = this;
    this.leftEdge = s.gutter;
    c.fillStyle = p.surface;
    c.fillRect(0, 0, s.width, s.height);
    c.save();
    c.beginPath();
    c.rect(s.gutter, axisHeight, s.width - s.gutter, s.height - axisHeight);
    c.clip();
    drawGrid(this, s);
    this.held(s);
    this.rows(s);
    this.flush();
    this.wake(s);
    this.loop(s);
    this.flush();
    this.gaps(s);
    this.marks(s);
    c.restore();
    drawNames(this, s);
    drawAxis(this, s);
  }

  /** gaps veils what is not known, since events are missing. */
  private gaps(s: Scene): void {
    this.c.globalAlpha = 0.75;
    this.c.fillStyle = this.palette.asleep;
    for (const { from, to } of s.recording.gaps) {
      if (to < s.window.from || from > s.window.to) continue;
      const x = Math.max(s.gutter, xOf(s, from));
      this.c.fillRect(x, axisHeight, Math.max(2, xOf(s, to) - x), s.height);
    }
    this.c.globalAlpha = 1;
  }

  /** held shades what nobody else could run in. */
  private held(s: Scene): void {
    const { c } = this;
    c.save();
    c.globalAlpha = 0.13;
    c.fillStyle = this.palette.blocked;
    for (const step of s.slow) {
      const x = xOf(s, step.start);
      c.fillRect(x, axisHeight, Math.max(1, xOf(s, step.end) - x), s.height);
    }
    c.restore();
  }

  private rows(s: Scene): void {
    const pixels = s.width - s.gutter;
    for (let i = s.first, y = axisHeight + loopHeight + s.top; i < s.rows.length && y < s.height; i++, y += s.rowHeight) {
      const row = s.rows[i] as Row;
      detail(row, s.window, pixels, s.now, this.sink(s, row, y, s.rowHeight, true));
      this.put("line", s.gutter, y + s.rowHeight - 1, pixels, 1);
      this.end(s, row, y);
      this.culprit(s, row, y);
    }
  }

  /** culprit marks the task that holds the loop now: the loop has yet to tell of its step. */
  private culprit(s: Scene, row: Row, y: number): void {
    const b = s.blocked;
    if (!b || b.task !== row.task) return;
    const x = Math.max(s.gutter, xOf(s, b.start));
    const width = xOf(s, b.end) - x;
    this.texts.splice(0, this.texts.length, ...this.texts.filter((t) => t.y < y || t.y > y + s.rowHeight));
    this.put("stripes", x, y + 4, width, s.rowHeight - 8);
    if (width > 60) this.label(x, y + 4, width, s.rowHeight - 8, `holds the loop \u00b7 ${duration(b.end - b.start)}`, "onBlocked");
  }

  /** end is the mark where a task has ended: a post. */
  private end(s: Scene, row: Row, y: number): void {
    if (row.ended < s.window.from || row.ended > s.window.to) return;
    const x = Math.round(xOf(s, row.ended));
    this.put("text", x, y + 5, 1.5, s.rowHeight - 10);
  }

  private sink(s: Scene, row: Row, y: number, height: number, tasks: boolean): Sink {
    const top = y + 4;
    const h = height - 8;
    return {
      bar: (i, x, width) => this.bar(s, row, i, s.gutter + x, width, top, h, tasks),
      column: (x, width, ran, ready, held, stepped) => {
        const left = s.gutter + x;
        if (held && tasks) return this.put("stripes", left, top, width, h);
        if (ran < 1) this.put(tasks ? "waitingTint" : "asleep", left, tasks ? top + 4 : top + h - 3, width, tasks ? h - 4 : 2);
        if (tasks && ran < 1) this.put("waiting", left, top + h - 2, width, 2);
        const runs = stepped ? (0.4 + 0.6 * ran) * h : 0; // a step of a microsecond is seen too
        if (ready > 0) this.put("ready", left, top + h - Math.min(h, runs + Math.max(2, ready * h)), width, Math.max(2, ready * h));
        if (runs > 0) this.put(tasks ? "running" : "loop", left, top + h - runs, Math.max(width, 1.5), runs);
      },
    };
  }

  private bar(s: Scene, row: Row, i: number, x: number, width: number, top: number, h: number, tasks: boolean): void {
    const state = row.state(i);
    if (!tasks) return this.loopBar(s, row, i, x, width, top, h);
    if (state === State.Running) {
      const slow = row.isSlow(i, s.now);
      this.put(slow ? "stripes" : "running", x, top, width, h);
      if (width > 60) this.label(x, top, width, h, slow ? `holds the loop · ${duration(Math.min(row.end(i), s.now) - row.start(i))}` : duration(Math.min(row.end(i), s.now) - row.start(i)), slow ? "onBlocked" : "onRunning");
      return;
    }
    if (state === State.Ready) {
      this.put("readyTint", x, top + 4, width, h - 4);
      this.put("ready", x, top + h - h / 3, width, h / 3);
      return;
    }
    this.put("waitingTint", x, top + 4, width, h - 4);
    this.put("waiting", x, top + h - 2, width, 2);
    if (width > 44) this.label(x, top + 3, width, h - 5, row.span(i, s.recording).what, "text");
  }

  private loopBar(s: Scene, row: Row, i: number, x: number, width: number, top: number, h: number): void {
    if (row.state(i) === State.Asleep) {
      this.put("asleep", x, top + h - 3, width, 2);
      if (width > 60) this.label(x, top - 2, width, h, "asleep", "faint");
      return;
    }
    this.busy(x, x + width, row.state(i) === State.Running ? row.span(i, s.recording).what || "a callback" : "at work");
  }

  /** busy is a bar in the row of the loop: it has something to do. */
  private busy(x: number, right: number, what: string): void {
    const top = axisHeight + 4;
    const h = loopHeight - 8;
    this.put("loop", x, top + 4, Math.max(right - x - 0.5, 1), h - 4);
    if (right - x > 90) this.label(x, top + 3, right - x, h - 4, what, "onLoop");
  }

  private loop(s: Scene): void {
    const { c } = this;
    const pixels = s.width - s.gutter;
    c.fillStyle = this.palette.sunken;
    c.fillRect(s.gutter, axisHeight, pixels, loopHeight);
    // What the loop does while it is blocked it tells afterwards: until then it is known to be at work.
    const until = s.blocked ? s.blocked.start : s.now;
    detail(s.loop, s.window, pixels, until, this.sink(s, s.loop, axisHeight, loopHeight, false));
    if (s.blocked) this.busy(Math.max(s.gutter, xOf(s, until)), xOf(s, s.now), "blocked");
    this.put("strong-line", s.gutter, axisHeight + loopHeight - 1, pixels, 1);
  }

  /** wake draws who ended the wait that is selected. */
  private wake(s: Scene): void {
    if (!s.selected) return;
    const to = s.rows.findIndex((r) => r.task === s.selected?.task);
    const row = s.rows[to];
    if (!row) return;
    const span = row.span(s.selected.span, s.recording);
    const y = (i: number) => axisHeight + loopHeight + s.top + (i - s.first) * s.rowHeight + s.rowHeight / 2;
    this.outline(s, span.start, Math.min(span.end, s.now), y(to), s.rowHeight / 2 - 2);
    const from = span.byTask ? s.rows.findIndex((r) => r.task === span.byTask) : -1;
    if (from < 0 || from === to || span.end > s.now) return;
    const { c } = this;
    const x = xOf(s, span.end);
    const [a, b] = [y(from), y(to) + (from < to ? 3 - s.rowHeight / 2 : s.rowHeight / 2 - 3)];
    c.strokeStyle = c.fillStyle = this.palette.text;
    c.lineWidth = 1.5;
    c.beginPath();
    c.moveTo(x, a);
    c.lineTo(x, b);
    c.stroke();
    c.beginPath();
    c.arc(x, a, 3.5, 0, 7);
    const d = from < to ? -7 : 7;
    c.moveTo(x, b);
    c.lineTo(x - 4.5, b + d);
    c.lineTo(x + 4.5, b + d);
    c.fill();
  }

  private outline(s: Scene, start: number, end: number, y: number, half: number): void {
    const { c } = this;
    const x = Math.max(s.gutter - 4, xOf(s, start));
    const right = Math.min(s.width + 4, xOf(s, end));
    c.strokeStyle = this.palette.text;
    c.lineWidth = 2;
    c.strokeRect(x - 1, y - half, Math.max(3, right - x) + 2, 2 * half);
  }

  private marks(s: Scene): void {
    const { c } = this;
    if (s.now < s.window.to) {
      // Nothing is known of what comes after the end.
      const x = xOf(s, s.now);
      c.globalAlpha = 0.6;
      c.fillStyle = this.palette.ground;
      c.fillRect(x, axisHeight, s.width - x, s.height);
      c.globalAlpha = 1;
    }
    if (s.hover === null) return;
    c.fillStyle = this.palette.faint;
    c.fillRect(Math.round(xOf(s, s.hover)), axisHeight, 1, s.height);
  }

  private put(style: string, x: number, y: number, w: number, h: number): void {
    let batch = this.batches.get(style);
    if (!batch) this.batches.set(style, (batch = []));
    batch.push(x, y, w, h);
  }

  private label(x: number, y: number, width: number, h: number, text: string, style: string): void {
    if (text) this.texts.push({ x: x + 6, y: y + h / 2 + 0.5, width: width - 10, text, style });
  }

  private flush(): void {
    const { c } = this;
    for (const style of order) {
      const batch = this.batches.get(style);
      if (!batch || batch.length === 0) continue;
      this.brush(style);
      for (let i = 0; i < batch.length; i += 4) c.fillRect(batch[i] as number, batch[i + 1] as number, batch[i + 2] as number, batch[i + 3] as number);
      batch.length = 0;
    }
    c.globalAlpha = 1;
    c.font = `11.5px ${this.font}`;
    c.textBaseline = "middle";
    for (const t of this.texts) this.text(t);
    this.texts.length = 0;
  }

  private text(t: { x: number; y: number; width: number; text: string; style: string }): void {
    const { c } = this;
    // A bar that begins left of the window has its text where it can be read.
    const left = Math.max(t.x, this.leftEdge + 6);
    const room = t.width - (left - t.x);
    const text = room > 20 ? fitted(c, t.text, room) : "";
    if (!text) return;
    this.c.fillStyle = this.textColor(t.style);
    if (t.style === "onBlocked") {
      const width = Math.min(room, c.measureText(text).width);
      c.fillStyle = this.palette.blocked;
      c.fillRect(left - 4, t.y - 8, width + 8, 16);
      c.fillStyle = this.palette.surface;
    }
    c.fillText(text, left, t.y);
  }

  private leftEdge = 0;

  private textColor(style: string): string {
    if (style === "onRunning" || style === "onBlocked") return this.palette.surface;
    if (style === "onLoop") return this.palette.surface;
    return style === "faint" ? this.palette.faint : this.palette.text;
  }

  private brush(style: string): void {
    const { c, palette: p } = this;
    c.globalAlpha = style.endsWith("Tint") ? 0.22 : 1;
    if (style === "stripes") c.fillStyle = p.stripes;
    else c.fillStyle = p[(style.endsWith("Tint") ? style.slice(0, -4) : style) as "running"];
  }
}

const order = ["line", "waitingTint", "readyTint", "asleep", "waiting", "ready", "running", "loop", "stripes", "text", "strong-line"];
