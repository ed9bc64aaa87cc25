// What is to be drawn: a Scene, and where in it a moment is.

import { ticks } from "d3-array";
import type { Recording } from "../recording.ts";
import type { Row, SlowStep } from "../spans.ts";
import type { Window } from "./window.ts";

export const axisHeight = 28;
export const loopHeight = 26;

export interface Scene {
  width: number;
  height: number;
  /** gutter is how wide the names are. */
  gutter: number;
  rowHeight: number;
  window: Window;
  now: number;
  rows: readonly Row[];
  /** first is the first row that is drawn, at top pixels (0 or less) below the header. */
  first: number;
  top: number;
  recording: Recording;
  loop: Row;
  slow: readonly SlowStep[];
  /** blocked is the step that holds the loop now, null where none does. */
  blocked: SlowStep | null;
  selected: { task: number; span: number } | null;
  hover: number | null;
}

/** xOf is where a moment is, in pixels. */
export function xOf(s: Scene, t: number): number {
  return s.gutter + ((t - s.window.from) / (s.window.to - s.window.from)) * (s.width - s.gutter);
}

/** marks are the moments that the axis names. */
export function marks(s: Scene): number[] {
  const zero = origin(s);
  return ticks(s.window.from - zero, s.window.to - zero, Math.max(2, (s.width - s.gutter) / 110)).map((t) => t + zero);
}

/** origin is what times on the axis count from: the start, unless that makes long numbers. */
export function origin(s: Scene): number {
  const width = s.window.to - s.window.from;
  if (s.window.to < width * 2000) return 0;
  const digit = 10 ** Math.ceil(Math.log10(width * 2));
  return Math.floor(s.window.from / digit) * digit;
}
