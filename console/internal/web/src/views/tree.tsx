// The tree of tasks, now or at a moment of a recording.

import { useMemo, useRef, useState } from "preact/hooks";
import { PlayerBar, usePlayer } from "../loop/playerbar.tsx";
import { useStore } from "../store.ts";
import { many } from "../text.ts";
import { Found } from "../ui.tsx";
import { Tree } from "../tree/model.ts";
import { TreeList } from "../tree/treelist.tsx";
import type { ViewProps } from "../views.ts";
import { watching } from "../loop/watching.ts";

export function TreeView({ session }: ViewProps) {
  useStore(session, 500);
  const r = session.recording;
  const { history, player } = watching(session);
  const draw = usePlayer(player);
  const [choices, choose] = useState<ReadonlyMap<number, boolean>>(new Map());
  const [query, setQuery] = useState("");
  if (!session.isLive && player.p === history.first) player.seek(history.fullest);
  const state = player.live ? history.latest : history.at(player.p);
  const key = useCalm(player.p, player.live ? Math.min(2000, state.tasks.size / 20) : 0);
  const tree = useMemo(() => new Tree(state, (id) => r.tasks.get(id)?.parent ?? 0), [history, key, player.live]);
  const rows = useMemo(() => {
    const q = query.trim().toLowerCase();
    if (!q) return tree.rows(choices);
    return tree.only((t) => r.name(t.id).toLowerCase().includes(q) || r.string(t.waitsFor).toLowerCase().includes(q));
  }, [tree, choices, query]);
  return (
    <>
      <div class="toolbar">
        <input type="search" value={query} placeholder="Find a name or a wait" aria-label="Find a name or a wait" onInput={(e) => setQuery(e.currentTarget.value)} />
        <button onClick={() => choose(new Map([...state.tasks.keys()].map((id) => [id, true])))}>Open all</button>
        <button onClick={() => choose(new Map([...state.tasks.keys()].map((id) => [id, false])))}>Close all</button>
        <span class="faint">{query ? `${many(rows.length, "row")} of ` : ""}{many(state.tasks.size, "task")}</span>
        <Found query={query} text={many(rows.length, "row")} />
      </div>
      {rows.length > 0
        ? <TreeList rows={rows} recording={r} now={player.live ? r.now : player.clock()} turn={(id, open) => choose(new Map(choices).set(id, open))} />
        : <p class="empty faint">{query ? "No task has that in its name or in what it waits for." : "There are no tasks at this moment."}</p>}
      <PlayerBar player={player} onChange={draw} canFollow={session.follows} total={r.now} />
    </>
  );
}

/** useCalm is the value, but changes at most every ms milliseconds: what is large takes its time. */
function useCalm(value: number, ms: number): number {
  const calm = useRef({ value, at: 0 });
  if (performance.now() - calm.current.at >= ms) calm.current = { value, at: performance.now() };
  return calm.current.value;
}
