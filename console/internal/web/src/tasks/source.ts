// Where the table of tasks gets its rows: from the console, page by page, or from what
// is recorded, as things were at its end.

import { api, type TaskRow } from "../api.ts";
import type { Session } from "../session.ts";
import { State, type Row as SpanRow } from "../spans.ts";
import type { Recording } from "../recording.ts";

export const sorts = ["id", "name", "state", "since", "steps", "busy"] as const;
export type Sort = (typeof sorts)[number];

export interface Query {
  q: string;
  state: string;
  sort: Sort;
  desc: boolean;
  offset: number;
  limit: number;
}

/** A Line is a row of the table. Durations are nanoseconds; what is not known is null. */
export interface Line {
  id: number;
  name: string;
  state: string;
  waitsFor: string;
  age: number | null;
  steps: number | null;
  busy: number | null;
  /** steps and busy are less than the truth */
  partial: boolean;
  where: { file: string; line: number };
}

export interface Page {
  total: number;
  matching: number;
  /** age is how old the listing is, in milliseconds. */
  age: number;
  lines: Line[];
}

/** source asks the console; of a loop that does not answer any more it tells what was written down. */
export function source(session: Session): (q: Query) => Promise<Page> {
  if (session.follows) return (q) => fromServer(session.number, q);
  return (q) => Promise.resolve(fromRecording(session, q));
}

async function fromServer(loop: number, q: Query): Promise<Page> {
  const page = await api.tasks(loop, { q: q.q, state: q.state, sort: q.sort, desc: q.desc ? 1 : 0, offset: q.offset, limit: q.limit });
  const at = Date.parse(page.at);
  return { total: page.total, matching: page.matching, age: page.age_ms, lines: page.tasks.map((t) => lineOf(t, at)) };
}

export function lineOf(t: TaskRow, at: number): Line {
  return {
    id: t.id,
    name: t.name || `Task-${t.id}`,
    state: t.ending ? `${t.state}, ending` : t.state,
    waitsFor: t.waits_for ?? "",
    age: t.since ? Math.max(0, at - Date.parse(t.since)) * 1e6 : null,
    steps: t.steps ?? null,
    busy: t.busy_ns ?? null,
    partial: t.partial === true,
    where: { file: t.site?.file ?? "", line: t.site?.line ?? 0 },
  };
}

/** fromRecording answers as the server does, from the rows of a recording. */
export function fromRecording({ spans, recording }: Pick<Session, "spans" | "recording">, q: Query): Page {
  const wanted = q.q.toLowerCase();
  const all = spans.rows.map((r) => ofRow(r, recording));
  const lines = all.filter((l) => (q.state === "" || l.state === q.state) && (wanted === "" || l.name.toLowerCase().includes(wanted) || l.waitsFor.toLowerCase().includes(wanted)));
  const key = keys[q.sort];
  lines.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    const order = x < y ? -1 : x > y ? 1 : a.id - b.id;
    return q.desc ? -order : order;
  });
  return { total: all.length, matching: lines.length, age: 0, lines: lines.slice(q.offset, q.offset + q.limit) };
}

// "since" sorts by the moment: the oldest first.
const keys: Record<Sort, (l: Line) => string | number> = {
  id: (l) => l.id,
  name: (l) => l.name,
  state: (l) => l.state,
  since: (l) => -(l.age ?? 0),
  steps: (l) => l.steps ?? 0,
  busy: (l) => l.busy ?? 0,
};

export function ofRow(row: SpanRow, r: Recording): Line {
  const i = row.length - 1;
  const span = row.span(i, r);
  const sums = row.whole(r.now);
  const task = r.tasks.get(row.task);
  return {
    id: row.task,
    name: r.name(row.task),
    state: words[span.state] ?? "waiting",
    waitsFor: span.state === State.Waiting ? span.what : "",
    age: r.now - span.start,
    steps: sums.steps,
    busy: sums.ran,
    partial: r.gaps.length > 0,
    where: { file: task?.file ?? "", line: task?.line ?? 0 },
  };
}

const words = ["ready", "running", "waiting", "ended"];
