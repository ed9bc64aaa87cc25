// Tracebacks as the runtime of Go writes them: a line for a function, a line for the place.

// What everybody calls tells nothing about who called it.
const common = /^(runtime|sync|time|os|io|net|syscall|internal|iter|bufio|fmt)[./]|^github\.com\/goasyncio\/asyncio(\.|\/internal\/)/;

/** culprit is the innermost function of the program's own in a traceback, with its place; "" where there is none. */
export function culprit(stack: string): string {
  const lines = stack.slice(0, 100_000).split("\n");
  for (let i = 1; i + 1 < lines.length; i++) {
    const place = /^\t(.*:\d+)( \+0x[0-9a-f]+)?$/.exec(lines[i + 1] ?? "");
    const call = (lines[i] ?? "").replace(/\([^()]*\)$/, "");
    if (!place || common.test(call) || call.startsWith("created by")) continue;
    return `${call.split("/").pop()} (${place[1]?.split("/").pop()})`;
  }
  return "";
}
