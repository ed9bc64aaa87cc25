// The timeline's canvas: what is shown of the session, how one moves in it, and when it
// is drawn. The component around it draws the rest, and hears of what changes here.

import { select, type Selection } from "d3-selection";
import { zoom as d3zoom, zoomIdentity, type D3ZoomEvent, type ZoomBehavior } from "d3-zoom";
import type { Session } from "../session.ts";
import { State, type Row, type SlowStep } from "../spans.ts";
import { hit } from "./detail.ts";
import { Painter } from "./draw.ts";
import { palette } from "./palette.ts";
import { axisHeight, loopHeight, type Scene } from "./scene.ts";
import { clamp, pan, show, zoom, type Window } from "./window.ts";

const header = axisHeight + loopHeight;

const lowest = 26; // pixels of a row

/** heightFor is how high a row is: few tasks get more room. */
function heightFor(rows: number): number {
  return rows <= 6 ? 42 : rows <= 12 ? 34 : lowest;
}

/**
 * crowded tells that there are so many tasks that those which do not live in the window
 * are better left out: of a live loop as soon as they do not fit on the screen, since the
 * new ones, at the end, are those to be seen.
 */
export function crowded(tasks: number, pixels: number, live: boolean): boolean {
  return tasks > (live ? Math.max(6, Math.floor((pixels - header) / lowest)) : 60);
}

export interface Chosen {
  task: number;
  span: number;
}

/** Parts are the elements that the component has made. */
export interface Parts {
  scroll: HTMLElement;
  spacer: HTMLElement;
  canvas: HTMLCanvasElement;
}

export class Controller {
  window: Window = { from: 0, to: 1e9 };
  follow: boolean;
  rows: Row[] = [];
  filter = "";
  selected: Chosen | null = null;
  hover: number | null = null;
  onChange: () => void = () => {};

  private readonly painter: Painter;
  private readonly context: CanvasRenderingContext2D;
  private readonly zoomer: ZoomBehavior<HTMLCanvasElement, unknown>;
  private readonly surface: Selection<HTMLCanvasElement, unknown, null, undefined>;
  private readonly observer: ResizeObserver;
  private readonly stops: (() => void)[] = [];
  private width = 0;
  private height = 0;
  private frame = 0;
  private own = false; // the transform is being set by us
  private refreshedAt = 0;
  private listed = -1; // for how many tasks the rows were found
  private told = -1; // how many rows the component knows of
  private receivedAt = 0;
  private receivedNow = 0;
  private touched = false;
  private rowHeight = lowest;
  private wantsAlive: boolean | null = null; // null: nobody has chosen
  private crowded = false;

  constructor(
    readonly session: Session,
    private readonly parts: Parts,
  ) {
    this.context = parts.canvas.getContext("2d") as CanvasRenderingContext2D;
    this.painter = new Painter(this.context, palette(this.context), fontFamily());
    this.follow = session.isLive;
    this.surface = select(parts.canvas);
    this.zoomer = d3zoom<HTMLCanvasElement, unknown>()
      .filter((e: Event) => this.wanted(e))
      .on("zoom", (e: D3ZoomEvent<HTMLCanvasElement, unknown>) => this.zoomed(e));
    this.surface.call(this.zoomer).on("dblclick.zoom", null);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(parts.scroll);
    this.listen();
    this.resize();
    this.everything();
  }

  private listen(): void {
    const { scroll } = this.parts;
    const on = (target: EventTarget, name: string, f: (e: never) => void, options?: AddEventListenerOptions) => {
      target.addEventListener(name, f as EventListener, options);
      this.stops.push(() => target.removeEventListener(name, f as EventListener, options));
    };
    on(scroll, "scroll", () => this.redraw());
    on(scroll, "wheel", (e: WheelEvent) => this.wheel(e), { passive: false });
    on(scroll, "mousemove", (e: MouseEvent) => this.point(e));
    on(scroll, "mouseleave", () => this.point(null));
    on(scroll, "click", (e: MouseEvent) => this.click(e));
    on(document, "themechange", () => {
      this.painter.palette = palette(this.context);
      this.redraw();
    });
    this.stops.push(this.session.listen(() => this.changed()));
  }

  destroy(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    for (const stop of this.stops) stop();
    this.surface.on(".zoom", null);
  }

  get begin(): number {
    return Math.min(this.session.recording.begin || 0, this.session.recording.now);
  }

  /** now is up to when the picture goes. Between two messages of the stream it moves on with the clock. */
  get now(): number {
    const { recording } = this.session;
    const last = recording.now;
    if (!this.moving) return last;
    if (last !== this.receivedNow) {
      this.receivedNow = last;
      this.receivedAt = performance.now();
    }
    const since = (performance.now() - this.receivedAt) * 1e6;
    return last + (this.session.isBlocked ? since : Math.min(1e9, since)); // a loop that is blocked tells nothing
  }

  /** end is up to where one can go: a live loop has some seconds from its first moment. */
  private get end(): number {
    return Math.max(this.now, this.begin + (this.session.isLive ? 5e9 : 1000));
  }

  private get moving(): boolean {
    const { recording, connection } = this.session;
    return connection === "live" && !recording.ended && !recording.header?.virtual && recording.length > 0;
  }

  /** gutter is the width of the names. */
  get gutter(): number {
    return Math.round(Math.min(190, Math.max(84, this.width * 0.17)));
  }

  private changed(): void {
    if (!this.touched && !this.session.isLive) this.everything();
    this.redraw();
    this.onChange();
  }

  private resize(): void {
    const { scroll, canvas } = this.parts;
    const ratio = Math.min(2, devicePixelRatio || 1);
    this.width = scroll.clientWidth;
    this.height = scroll.clientHeight;
    canvas.width = this.width * ratio;
    canvas.height = this.height * ratio;
    canvas.style.width = `${this.width}px`;
    canvas.style.height = `${this.height}px`;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.setWindow(this.window);
  }

  // Where one is.

  /** setWindow shows a stretch of time, as far as there is one. */
  setWindow(w: Window): void {
    this.window = clamp(w, this.begin, this.end + this.margin(w));
    this.tellZoomer();
    this.redraw();
  }

  /** margin is some room behind the end, for the eye. */
  private margin(w: Window): number {
    return Math.min(w.to - w.from, this.end - this.begin) * 0.02;
  }

  private tellZoomer(): void {
    const pixels = Math.max(1, this.width - this.gutter);
    const k = 1e9 / (this.window.to - this.window.from);
    // Untransformed, the time 0 is at the gutter and a second is as wide as the picture.
    const x = this.gutter - (this.gutter + (this.window.from / 1e9) * pixels) * k;
    this.own = true;
    this.surface.call(this.zoomer.transform, zoomIdentity.translate(x, 0).scale(k));
    this.own = false;
  }

  private zoomed(e: D3ZoomEvent<HTMLCanvasElement, unknown>): void {
    if (this.own) return;
    const pixels = Math.max(1, this.width - this.gutter);
    const { k, x } = e.transform;
    const from = (((this.gutter - x) / k - this.gutter) / pixels) * 1e9;
    this.moved();
    this.setWindow({ from, to: from + 1e9 / k });
  }

  private moved(): void {
    this.touched = true;
    if (this.follow) {
      this.follow = false;
      this.onChange();
    }
  }

  /** wanted tells which gestures change the time: where rows can be scrolled, the wheel scrolls them. */
  private wanted(e: Event): boolean {
    if (e instanceof WheelEvent) {
      if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) return false;
      return e.ctrlKey || e.metaKey || this.fits || e.offsetY < header;
    }
    return !(e instanceof MouseEvent) || (e.button === 0 && !e.ctrlKey);
  }

  private get fits(): boolean {
    return this.rows.length * this.rowHeight + header <= this.height;
  }

  private wheel(e: WheelEvent): void {
    if (e.ctrlKey || (!e.shiftKey && Math.abs(e.deltaX) <= Math.abs(e.deltaY))) return;
    e.preventDefault();
    this.moved();
    this.setWindow(pan(this.window, (e.deltaX || e.deltaY) / Math.max(1, this.width)));
  }

  zoomBy(factor: number): void {
    const w = this.window;
    const fixed = this.follow ? w.to : (this.hover ?? this.middleOfChosen() ?? (w.from + w.to) / 2);
    this.touched = true;
    this.setWindow(zoom(w, factor, fixed));
    this.onChange();
  }

  private middleOfChosen(): number | null {
    const row = this.selected && this.session.spans.byTask.get(this.selected.task);
    if (!row || !this.selected) return null;
    const t = (row.start(this.selected.span) + Math.min(row.end(this.selected.span), this.now)) / 2;
    return t >= this.window.from && t <= this.window.to ? t : null;
  }

  panBy(part: number): void {
    this.moved();
    this.setWindow(pan(this.window, part));
  }

  everything(): void {
    this.setWindow({ from: this.begin, to: this.end + (this.end - this.begin) * 0.02 });
  }

  goTo(t: number): void {
    this.moved();
    const width = this.window.to - this.window.from;
    this.setWindow({ from: t - width / 2, to: t + width / 2 });
  }

  setFollow(on: boolean): void {
    this.follow = on;
    if (on && this.window.to - this.window.from > 60e9) this.window = { from: this.now - 10e9, to: this.now };
    this.redraw();
    this.onChange();
  }

  // What is there.

  /** onlyAlive tells that tasks which do not live in the window are left out. */
  get onlyAlive(): boolean {
    return this.wantsAlive ?? this.crowded;
  }

  /** refreshRows finds the tasks that match, and with onlyAlive those that live in the window. */
  refreshRows(): void {
    const { spans, recording } = this.session;
    this.crowded ||= crowded(spans.rows.length, this.parts.scroll.parentElement?.clientHeight ?? this.height, this.session.isLive);
    const wanted = this.filter.trim().toLowerCase();
    const { from, to } = this.window;
    this.rows = spans.rows.filter((r) => {
      if (this.onlyAlive && (r.begin > to || r.ended < from)) return false;
      return wanted === "" || recording.name(r.task).toLowerCase().includes(wanted);
    });
    this.listed = spans.rows.length;
    this.refreshedAt = performance.now();
    // While rows come and go with the window, their height stays.
    this.rowHeight = heightFor(this.onlyAlive ? spans.rows.length : this.rows.length);
    const height = `${this.rows.length * this.rowHeight + header + 12}px`;
    if (this.parts.spacer.style.height !== height) this.parts.spacer.style.height = height;
    if (this.rows.length !== this.told) this.onChange();
    this.told = this.rows.length;
  }

  setFilter(text: string, onlyAlive = this.wantsAlive): void {
    this.filter = text;
    this.wantsAlive = onlyAlive;
    this.listed = -1;
    this.redraw();
    this.onChange();
  }

  // Drawing.

  redraw(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    if (this.width === 0) return;
    if (this.follow) this.followNow();
    if (this.listed !== this.session.spans.rows.length || (this.onlyAlive && (!this.follow || performance.now() - this.refreshedAt > 50))) this.refreshRows();
    this.painter.paint(this.scene());
    if (this.moving && this.window.to >= this.session.recording.now && !calm()) this.redraw();
  }

  private followNow(): void {
    const width = this.window.to - this.window.from;
    const to = Math.max(this.now + width * 0.02, this.begin + width);
    this.window = { from: to - width, to };
    this.tellZoomer();
  }

  private scene(): Scene {
    const { session, window, blocked } = this;
    const slow = session.spans.slowBetween(window.from, window.to);
    const scrolled = this.parts.scroll.scrollTop;
    const first = Math.floor(scrolled / this.rowHeight);
    return {
      width: this.width,
      height: this.height,
      gutter: this.gutter,
      rowHeight: this.rowHeight,
      window,
      now: this.now,
      rows: this.rows,
      first,
      top: -(scrolled - first * this.rowHeight),
      recording: session.recording,
      loop: session.spans.loop,
      slow: blocked ? [...slow, blocked] : slow,
      blocked,
      selected: this.selected,
      hover: this.hover,
    };
  }

  /** blocked is the step that holds the loop now, as far as the console knows whose it is. */
  private get blocked(): SlowStep | null {
    const { recording, info } = this.session;
    if (!recording.blocked) return null;
    return { task: recording.blocked.task || info?.blocked_by || 0, start: recording.blocked.since, end: this.now };
  }

  /** visible are the rows on the screen. */
  get visible(): Row[] {
    const first = Math.floor(this.parts.scroll.scrollTop / this.rowHeight);
    return this.rows.slice(first, first + Math.ceil(this.height / this.rowHeight));
  }

  // Pointing and choosing.

  private time(x: number): number {
    const { from, to } = this.window;
    return from + ((x - this.gutter) / Math.max(1, this.width - this.gutter)) * (to - from);
  }

  private place(e: MouseEvent): { x: number; y: number } {
    const box = this.parts.canvas.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
  }

  private point(e: MouseEvent | null): void {
    const at = e && this.place(e);
    this.hover = at && at.x >= this.gutter ? this.time(at.x) : null;
    this.redraw();
  }

  private click(e: MouseEvent): void {
    const { x, y } = this.place(e);
    const row = y < header ? undefined : this.rows[Math.floor((y - header + this.parts.scroll.scrollTop) / this.rowHeight)];
    if (!row) return this.choose(null);
    const perPixel = (this.window.to - this.window.from) / Math.max(1, this.width - this.gutter);
    const span = x < this.gutter ? row.length - 1 : hit(row, this.time(x), perPixel);
    this.choose(span < 0 ? null : { task: row.task, span });
  }

  choose(c: Chosen | null): void {
    this.selected = c;
    this.redraw();
    this.onChange();
  }

  /** reveal moves the picture so that what is chosen is on it. */
  reveal(): void {
    const c = this.selected;
    const row = c && this.session.spans.byTask.get(c.task);
    if (!c || !row) return;
    const end = Math.min(row.end(c.span), this.now);
    const moved = show(this.window, row.start(c.span), end);
    if (moved !== this.window) {
      this.moved();
      this.setWindow(moved);
    }
    const { scroll } = this.parts;
    const top = this.rows.indexOf(row) * this.rowHeight;
    const room = this.height - header - this.rowHeight;
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    else if (top > scroll.scrollTop + room) scroll.scrollTop = top - room;
  }

  /** showTask chooses what a task did last, and shows it. */
  showTask(task: number): void {
    const row = this.session.spans.byTask.get(task);
    if (!row) return;
    const last = row.length - (row.lastState === State.Ended ? 2 : 1);
    if (this.filter) this.setFilter("");
    this.refreshRows();
    this.choose({ task, span: Math.max(0, last) });
    this.reveal();
    this.refreshRows();
    this.reveal();
  }

  /** step goes to the next span of the row that is chosen, or to the one before. */
  step(by: number): void {
    const c = this.selected;
    const row = c && this.session.spans.byTask.get(c.task);
    if (!c || !row) return this.panBy(by * 0.15);
    const span = c.span + by;
    if (span < 0 || span >= row.length || row.state(span) === State.Ended) return;
    this.choose({ task: c.task, span });
    this.reveal();
  }

  /** stepRow goes to the task below or above, at the same time. */
  stepRow(by: number): void {
    const current = this.rows.findIndex((r) => r.task === this.selected?.task);
    const row = this.rows[current < 0 ? Math.floor(this.parts.scroll.scrollTop / this.rowHeight) : current + by];
    if (!row) return;
    const old = this.selected && this.session.spans.byTask.get(this.selected.task);
    const t = old && this.selected ? Math.min(Math.max(old.start(this.selected.span), this.window.from), this.window.to) : (this.window.from + this.window.to) / 2;
    let span = Math.max(0, row.at(t));
    if (row.state(span) === State.Ended) span = Math.max(0, span - 1);
    this.choose({ task: row.task, span });
    this.reveal();
  }
}

function calm(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function fontFamily(): string {
  return getComputedStyle(document.body).fontFamily;
}
