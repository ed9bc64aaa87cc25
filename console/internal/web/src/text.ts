// Text of the program that is watched is hostile until proven otherwise: it may hold
// markup, control characters that move a cursor, marks that turn the direction of
// writing, or a megabyte. It only ever becomes text nodes; here it is made visible
// and short.

/** visible shows what has no shape: control characters by their names, others as U+XXXX. */
export function visible(text: string): string {
  const plain = text.replace(/(\p{M}{4})\p{M}+/gu, "$1\u2026"); // a tower of accents hides the lines above it
  return plain.replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, picture);
}

const controls = "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" ");

function picture(c: string): string {
  const code = c.charCodeAt(0);
  const name = controls[code] ?? (code === 0x7f ? "DEL" : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`);
  return `\u2039${name}\u203a`; // letters, since few fonts have signs for these
}

/** shorten keeps the beginning and the end, which tell names apart. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const tail = Math.floor(most / 3);
  return `${text.slice(0, most - tail - 1)}\u2026${text.slice(text.length - tail)}`;
}

/** label is a name for a place with little room. */
export function label(text: string, most = 80): string {
  return text && text.trim() === "" ? "\u2039blank\u203a" : visible(shorten(text, most));
}

/** duration tells nanoseconds with three digits that matter. */
export function duration(ns: number): string {
  if (!Number.isFinite(ns)) return "\u2014";
  const n = Math.abs(ns);
  const sign = ns < 0 ? "\u2212" : "";
  if (n < 1e3) return `${sign}${Math.round(n)} ns`;
  if (n < 999.5e3) return `${sign}${digits(n / 1e3)} \u00b5s`;
  if (n < 999.5e6) return `${sign}${digits(n / 1e6)} ms`;
  if (n < 119.5e9) return `${sign}${digits(n / 1e9)} s`;
  const seconds = Math.round(n / 1e9);
  if (seconds < 7200) return `${sign}${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${sign}${digits(n / 3600e9)} h`;
}

function digits(x: number): string {
  if (x >= 99.95) return x.toFixed(0);
  const text = x >= 9.995 ? x.toFixed(1) : x.toFixed(2);
  return text.replace(/\.?0+$/, "");
}

/** tick tells a time on an axis whose marks are step apart: as exactly as that, and no more. */
export function tick(t: number, step: number): string {
  if (t === 0) return "0";
  const [unit, name] = units.find(([u]) => Math.abs(t) >= u * 0.9999) ?? [1, "ns"];
  const decimals = Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9));
  return `${(t / unit).toFixed(Math.min(decimals, 9))} ${name}`;
}

const units: [number, string][] = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "\u00b5s"],
];

/** count tells how many in figures that one can read: 100,000. */
export function count(n: number): string {
  return Math.round(n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** many puts a noun behind a number: 1 task, 2 tasks. */
export function many(n: number, noun: string, plural = `${noun}s`): string {
  return `${count(n)} ${n === 1 ? noun : plural}`;
}

/** place is a file and a line, without the folders that all share. */
export function place(file: string, line: number): string {
  const short = file.split("/").slice(-2).join("/");
  return line ? `${short}:${line}` : short;
}
