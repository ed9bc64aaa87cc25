// What surrounds the bars: the axis above, the lines of time below it, the names beside.

import type { Row } from "../spans.ts";
import { duration, label, tick } from "../text.ts";
import type { Palette } from "./palette.ts";
import { axisHeight, loopHeight, marks, origin, xOf, type Scene } from "./scene.ts";

/** A Brush is what one draws with. */
export interface Brush {
  readonly c: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly font: string;
}

export function drawGrid({ c, palette }: Brush, s: Scene): void {
  c.fillStyle = palette.line;
  for (const t of marks(s)) c.fillRect(Math.round(xOf(s, t)), axisHeight, 1, s.height);
}

/** drawNames writes who is in which row. */
export function drawNames(brush: Brush, s: Scene): void {
  const { c, palette: p, font } = brush;
  c.fillStyle = p.surface;
  c.fillRect(0, axisHeight, s.gutter, s.height);
  c.save();
  c.beginPath();
  c.rect(0, axisHeight + loopHeight, s.gutter - 8, s.height);
  c.clip();
  c.textBaseline = "middle";
  for (let i = s.first, y = axisHeight + loopHeight + s.top; i < s.rows.length && y < s.height; i++, y += s.rowHeight) {
    const row = s.rows[i] as Row;
    const chosen = s.selected?.task === row.task;
    c.fillStyle = chosen ? p.accent : p.text;
    c.font = chosen ? `600 12.5px ${font}` : `12.5px ${font}`;
    c.fillText(fitted(c, s.recording.name(row.task), s.gutter - 22), 14, y + s.rowHeight / 2);
    if (chosen) c.fillRect(0, y + 2, 4, s.rowHeight - 4);
  }
  c.restore();
  c.fillStyle = p.sunken;
  c.fillRect(0, axisHeight, s.gutter, loopHeight);
  c.fillStyle = p.faint;
  c.font = `600 12.5px ${font}`;
  c.textBaseline = "middle";
  c.fillText("the loop", 14, axisHeight + loopHeight / 2);
  c.fillStyle = p["strong-line"];
  c.fillRect(0, axisHeight + loopHeight - 1, s.gutter, 1);
  c.fillStyle = p.line;
  c.fillRect(s.gutter - 1, axisHeight, 1, s.height);
}

/** fitted cuts a name to some pixels. Measuring is slow: it guesses first. */
export function fitted(c: CanvasRenderingContext2D, name: string, pixels: number): string {
  let most = Math.max(4, Math.ceil(pixels / 5));
  let text = label(name, most);
  while (most > 4 && c.measureText(text).width > pixels) text = label(name, --most);
  return text;
}

/** drawAxis writes the moments above their lines, as far as there is room. */
export function drawAxis(brush: Brush, s: Scene): void {
  const { c, palette: p, font } = brush;
  c.fillStyle = p.ground;
  c.fillRect(0, 0, s.width, axisHeight);
  c.fillStyle = p["strong-line"];
  c.fillRect(0, axisHeight - 1, s.width, 1);
  c.font = `12px ${font}`;
  c.textBaseline = "middle";
  c.fillStyle = p.faint;
  c.textAlign = "center";
  const zero = origin(s);
  let free = s.gutter - 4;
  const moments = marks(s);
  const step = (moments[1] ?? s.window.to) - (moments[0] ?? s.window.from);
  for (const t of moments) {
    const x = xOf(s, t);
    const text = tick(t - zero, step);
    const half = c.measureText(text).width / 2;
    if (x - half < free || x + half > s.width - 2) continue;
    c.fillText(text, x, axisHeight / 2);
    free = x + half + 8;
  }
  c.textAlign = "left";
  if (zero !== 0) c.fillText(fitted(c, `${duration(zero)} +`, s.gutter - 16), 14, axisHeight / 2);
}
