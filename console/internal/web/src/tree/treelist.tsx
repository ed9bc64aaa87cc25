// The tree as a list that can be folded: rows that are out of sight are not drawn, so
// that a hundred thousand are no more work than fifty.

import { useEffect, useRef, useState } from "preact/hooks";
import { markOf } from "../loop/cards.tsx";
import type { Recording } from "../recording.ts";
import { go } from "../route.ts";
import { count, duration, many } from "../text.ts";
import { Name } from "../ui.tsx";
import { keyMove, type Row } from "./model.ts";

const rowHeight = 30;
const spare = 12; // rows above and below what is in sight

interface TreeListProps {
  rows: readonly Row[];
  recording: Recording;
  now: number;
  turn: (id: number, open: boolean) => void;
}

export function TreeList({ rows, recording, now, turn }: TreeListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [current, setCurrent] = useState(0);
  const at = Math.max(0, rows.findIndex((r) => r.task.id === current));
  useEffect(() => {
    if (!box.current) return;
    const watch = new ResizeObserver(() => setHeight(box.current?.clientHeight ?? 600));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const moveTo = (i: number) => {
    setCurrent(rows[i]?.task.id ?? 0);
    const el = box.current;
    if (!el) return;
    if (i * rowHeight < el.scrollTop) el.scrollTop = i * rowHeight;
    else if ((i + 1) * rowHeight > el.scrollTop + el.clientHeight) el.scrollTop = (i + 1) * rowHeight - el.clientHeight;
  };
  const pressed = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Enter" && rows[at]) return go({ view: "tasks", task: (rows[at] as Row).task.id });
    const move = keyMove(rows, at, e.key, Math.max(1, Math.floor(height / rowHeight) - 1));
    if (!move) return;
    e.preventDefault();
    if ("to" in move) moveTo(move.to);
    else turn(move.turn, move.open);
  };
  const first = Math.max(0, Math.floor(top / rowHeight) - spare);
  const last = Math.min(rows.length, Math.ceil((top + height) / rowHeight) + spare);
  const shown = rows.slice(first, last);
  const active = rows[at];
  return (
    <div class="tree card" ref={box} role="tree" aria-label="Tasks by who has started them" tabIndex={0} onKeyDown={pressed}
      aria-activedescendant={active && at >= first && at < last ? `tree${active.task.id}` : undefined} onScroll={(e) => setTop(e.currentTarget.scrollTop)}>
      <div class="all" style={{ height: `${rows.length * rowHeight}px` }}>
        {shown.map((row, i) => <Item key={row.task.id} row={row} y={(first + i) * rowHeight} active={first + i === at} recording={recording} now={now} turn={turn} pick={() => setCurrent(row.task.id)} />)}
      </div>
    </div>
  );
}

interface ItemProps {
  row: Row;
  y: number;
  active: boolean;
  recording: Recording;
  now: number;
  turn: (id: number, open: boolean) => void;
  pick: () => void;
}

function Item({ row, y, active, recording, now, turn, pick }: ItemProps) {
  const { task } = row;
  const clicked = () => {
    pick();
    if (row.children > 0) turn(task.id, !row.open);
  };
  return (
    <div class={`treerow ${task.phase}${active ? " active" : ""}`} id={`tree${task.id}`} role="treeitem" style={{ top: `${y}px`, paddingLeft: `${10 + 20 * Math.min(row.depth, 24)}px` }}
      aria-level={row.depth + 1} aria-posinset={row.place} aria-setsize={row.sisters} aria-expanded={row.children > 0 ? row.open : undefined} aria-selected={active}
      onClick={clicked} onDblClick={() => go({ view: "tasks", task: task.id })}>
      <span class="fold" aria-hidden="true">{row.children > 0 ? (row.open ? "▾" : "▸") : ""}</span>
      <i class={markOf(task.id)} aria-hidden="true" />
      <b><Name text={recording.name(task.id)} most={48} /></b>
      {row.children > 0 && <span class="count" title={many(row.children, "child", "children")}>{count(row.children)}</span>}
      <span class={`phase ${task.phase}`}>{task.phase}</span>
      {task.phase === "waiting" && <span class="faint clip">for <Name text={recording.string(task.waitsFor) || "something"} most={80} /></span>}
      <span class="faint since">{now - task.since >= 1e6 ? duration(now - task.since) : ""}</span>
    </div>
  );
}
