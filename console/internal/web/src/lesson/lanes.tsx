// The whole run at a glance: a lane for each task, with what it did when, and the time
// that the player is at. All runs have one scale.

import type { History } from "../loop/history.ts";
import { markOf } from "../loop/cards.tsx";
import { Spans, State, type Row } from "../spans.ts";
import { Name } from "../ui.tsx";
import { duration } from "../text.ts";

export interface Lane {
  readonly task: number;
  readonly parts: readonly Part[];
}

export interface Part {
  readonly from: number;
  readonly to: number;
  readonly kind: "runs" | "blocks" | "held" | "waits";
  readonly what: string;
}

/** lanesOf are the tasks that others have started. A step from blockedAfter on blocks the loop, and who is ready meanwhile is held up. What goes on lasts until then. */
export function lanesOf(h: History, blockedAfter: number, until: number): Lane[] {
  const spans = new Spans(h.recording);
  spans.update();
  const rows = spans.rows.filter((r) => (h.recording.tasks.get(r.task)?.parent ?? 0) > 0);
  return rows.map((row) => ({ task: row.task, parts: partsOf(h, row, blockedAfter, until) }));
}

function partsOf(h: History, row: Row, blockedAfter: number, until: number): Part[] {
  const parts: Part[] = [];
  for (let i = 0; i < row.length; i++) {
    const s = row.span(i, h.recording);
    const to = Math.min(s.end, until);
    const long = to - s.start >= blockedAfter;
    if (s.state === State.Running) parts.push({ from: s.start, to, kind: long ? "blocks" : "runs", what: "" });
    else if (s.state === State.Waiting) parts.push({ from: s.start, to, kind: "waits", what: s.what });
    else if (s.state === State.Ready && long) parts.push({ from: s.start, to, kind: "held", what: "" });
  }
  return parts;
}

/** alone is how long each task would take if it were alone: what it runs and what it waits. */
export function alone(lane: Lane): number {
  return lane.parts.reduce((sum, p) => sum + (p.kind === "held" ? 0 : p.to - p.from), 0);
}

const says: Record<Part["kind"], string> = { runs: "runs", blocks: "blocks the loop", held: "ready, but cannot run", waits: "waits" };

interface LanesProps {
  history: History;
  lanes: readonly Lane[];
  now: number;
  whole: number;
}

export function Lanes({ history, lanes, now, whole }: LanesProps) {
  const x = (t: number) => `${(100 * t) / whole}%`;
  return (
    <div class="lanes" role="img" aria-label={inWords(history, lanes)}>
      {lanes.slice(0, 8).map((lane) => (
        <div class="lane">
          <span class="who"><i class={markOf(lane.task)} /><Name text={history.recording.name(lane.task)} most={16} /></span>
          <div class="track">
            {lane.parts.map((p) => (
              <span class={`part ${p.kind}${p.from > now ? " ahead" : ""}`} style={{ left: x(p.from), width: x(p.to - p.from) }} title={`${says[p.kind]} for ${duration(p.to - p.from)}`}>
                <span>{p.kind === "waits" ? p.what : p.kind === "runs" ? "" : says[p.kind]}</span>
              </span>
            ))}
            <span class="veil" style={{ left: x(now) }} />
            <span class="head" style={{ left: x(now) }} />
          </div>
        </div>
      ))}
    </div>
  );
}

function inWords(h: History, lanes: readonly Lane[]): string {
  const lane = (l: Lane) => `${h.recording.name(l.task)}: ${l.parts.filter((p) => p.to - p.from > 0).map((p) => `${says[p.kind]} for ${duration(p.to - p.from)}`).join(", ")}`;
  return lanes.slice(0, 8).map(lane).join(". ");
}
