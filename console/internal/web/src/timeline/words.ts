// Bars in words: for the panel, for screen readers, for the line under the picture.

import { Cause, type Recording } from "../recording.ts";
import { outcome, slowStep, State, type Row, type Span } from "../spans.ts";
import { duration, label, many } from "../text.ts";

/** stateWord names the state of a span. */
export function stateWord(row: Row, span: Span, now: number): string {
  if (row.isSlow(span.index, now)) return "blocks the loop";
  switch (span.state) {
    case State.Running:
      return "running";
    case State.Ready:
      return "ready";
    case State.Waiting:
      return "waiting";
    case State.Ended:
      return "ended";
    case State.Asleep:
      return "asleep";
    default:
      return "at work";
  }
}

/** explain says in a sentence what a span means. */
export function explain(row: Row, span: Span, now: number): string {
  const took = duration(Math.min(span.end, now) - span.start);
  if (row.isSlow(span.index, now)) {
    return `It had the loop to itself for ${took} and did not give way, so that nobody else could run. More than ${duration(slowStep)} is too long: what computes belongs on a thread, and what waits must let the loop go on.`;
  }
  switch (span.state) {
    case State.Running:
      return "It was this task's turn: the loop ran it until it had to wait, gave way, or ended.";
    case State.Ready:
      return "It could run, and stood in the queue until it was its turn.";
    default:
      return "It waited, and the loop ran others meanwhile.";
  }
}

/** ending says how a span has ended, and who ended it. */
export function ending(span: Span, next: Span | null, r: Recording): string {
  if (!Number.isFinite(span.end)) return "It lasts still.";
  if (next?.state === State.Ended) return `The task ${outcome(span.cause)} here.`;
  if (span.state === State.Running) return next?.state === State.Waiting ? `It had to wait: ${label(next.what || "for something", 80)}.` : "It gave way, so that others can run.";
  if (span.state === State.Ready) return "It was its turn.";
  const who = span.byTask ? `by task ${label(r.name(span.byTask), 60)}` : span.by ? `by ${label(span.by, 80)}` : "";
  if (span.cause === Cause.Cancel) return `The wait was cancelled${who && ` ${who}`}.`;
  return who ? `It was woken ${who}.` : "What it waited for has come.";
}

/** sentence is all of a bar in one line. */
export function sentence(row: Row, i: number, r: Recording): string {
  const span = row.span(i, r);
  const what = span.state === State.Waiting && span.what ? ` for ${label(span.what, 80)}` : "";
  const took = duration(Math.min(span.end, r.now) - span.start);
  const lasts = Number.isFinite(span.end) ? `for ${took}` : `for ${took} so far`;
  const next = i + 1 < row.length ? row.span(i + 1, r) : null;
  return `${label(r.name(row.task), 60)}: ${stateWord(row, span, r.now)}${what} from ${duration(span.start)}, ${lasts}. ${ending(span, next, r)}`;
}

/** summary counts the states of rows at a moment. */
export function summary(rows: readonly Row[], t: number): string {
  const counts = { running: 0, ready: 0, waiting: 0, ended: 0 };
  for (const row of rows) {
    const i = row.at(t);
    if (i < 0) continue;
    const state = row.state(i);
    if (state === State.Running) counts.running++;
    else if (state === State.Ready) counts.ready++;
    else if (state === State.Ended) counts.ended++;
    else counts.waiting++;
  }
  return `At ${duration(t)}: ${many(counts.running, "task")} running, ${counts.ready} ready, ${counts.waiting} waiting, ${counts.ended} ended.`;
}
