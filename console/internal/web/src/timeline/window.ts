// The stretch of time that is shown, and how one moves in it. Times are nanoseconds
// since the start; a window never leaves what is there, and is never emptier than empty.

export interface Window {
  from: number;
  to: number;
}

const narrowest = 100; // nanoseconds over the whole width

/** clamp moves a window into [begin, end], and makes it no wider than that. */
export function clamp(w: Window, begin: number, end: number): Window {
  const whole = Math.max(end - begin, narrowest);
  const width = Math.min(Math.max(w.to - w.from, narrowest), whole);
  const from = Math.min(Math.max(w.from, begin), begin + whole - width);
  return { from, to: from + width };
}

/** zoom changes the width by a factor and keeps one moment where it is on the screen. */
export function zoom(w: Window, factor: number, fixed: number): Window {
  return { from: fixed - (fixed - w.from) * factor, to: fixed + (w.to - fixed) * factor };
}

/** pan moves by a part of the width. */
export function pan(w: Window, part: number): Window {
  const by = (w.to - w.from) * part;
  return { from: w.from + by, to: w.to + by };
}

/** show moves as little as is needed to have a span in the window, with some air around. */
export function show(w: Window, start: number, end: number): Window {
  const width = w.to - w.from;
  const air = width * 0.08;
  if (end - start > width) return start > w.to - air || end < w.from + air ? { from: start - air, to: start - air + width } : w;
  if (start < w.from + air && start < w.from) return { from: start - air, to: start - air + width };
  if (end > w.to) return { from: end + air - width, to: end + air };
  return w;
}
