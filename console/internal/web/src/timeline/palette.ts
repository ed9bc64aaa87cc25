// The colours of the picture, read from the style sheet once per theme.

import { color } from "../theme.ts";

const names = ["ground", "surface", "sunken", "line", "strong-line", "text", "faint", "accent", "running", "ready", "waiting", "asleep", "blocked", "blocked-stripe", "loop"] as const;

export type Palette = Record<(typeof names)[number], string> & { stripes: CanvasPattern | string };

export function palette(c: CanvasRenderingContext2D): Palette {
  const found = Object.fromEntries(names.map((n) => [n, color(n)])) as Record<(typeof names)[number], string>;
  return { ...found, stripes: stripes(c, found.blocked, found["blocked-stripe"]) };
}

/** stripes mark what is blocked, for those who see no red. */
function stripes(c: CanvasRenderingContext2D, ground: string, line: string): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const t = tile.getContext("2d");
  if (!t) return ground;
  t.fillStyle = ground;
  t.fillRect(0, 0, 8, 8);
  t.strokeStyle = line;
  t.globalAlpha = 0.5;
  t.lineWidth = 1.6;
  t.beginPath();
  for (const x of [-8, 0, 8]) {
    t.moveTo(x, 8);
    t.lineTo(x + 8, 0);
  }
  t.stroke();
  return c.createPattern(tile, "repeat") ?? ground;
}
