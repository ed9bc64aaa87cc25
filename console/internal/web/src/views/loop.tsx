// The loop as one can think of it, step by step: a recording forwards and backwards, a
// live loop as it goes on, or what it has done so far.

import { useEffect, useMemo, useRef } from "preact/hooks";
import { Code } from "../loop/code.tsx";
import { runningTask } from "../loop/machine.ts";
import type { Player } from "../loop/player.ts";
import { PlayerBar, usePlayer } from "../loop/playerbar.tsx";
import { Sentence } from "../loop/sentence.tsx";
import { Stage } from "../loop/stage.tsx";
import { watching } from "../loop/watching.ts";
import { lasts, type Part, plain, sentence } from "../loop/words.ts";
import type { Session } from "../session.ts";
import { slowStep } from "../spans.ts";
import { useStore } from "../store.ts";
import { count } from "../text.ts";
import { Announce } from "../ui.tsx";
import type { ViewProps } from "../views.ts";

const limits = { ready: 12, groups: 12, perGroup: 6, timers: 8 };

export function LoopView({ session }: ViewProps) {
  useStore(session, 100);
  const r = session.recording;
  const { history, player } = watching(session);
  const draw = usePlayer(player);
  const words = useMemo(() => sentence(history, player.p, slowStep), [history, player.p, history.length]);
  if (history.length === history.first) return <p class="faint" role="status">Nothing has happened yet: the picture begins with the next event.</p>;
  const state = history.at(player.p);
  const moving = useMoving(player);
  const blocks = runningTask(state) !== undefined && lasts(history, player.p) >= slowStep;
  const now = Math.max(state.t, player.live ? r.now : player.clock());
  return (
    <div class="loopview">
      <h2 class="hidden">The loop</h2>
      <p class="sentence"><Sentence parts={player.live && session.isBlocked ? silent(session) : words} /></p>
      {!player.live && <Announce text={plain(words)} />}
      <div class={r.header?.sources ? "scene withcode" : "scene"} role="region" aria-label="What the loop does" tabIndex={0}>
        <Stage history={history} k={player.p} now={now} blocks={blocks} limits={limits} moving={moving} />
        {r.header?.sources && <Code recording={r} state={state} blocks={blocks} />}
      </div>
      <PlayerBar player={player} onChange={draw} canFollow={session.follows} total={r.now}>
        <span class="faint nowrap">event {count(player.p)} of {count(history.length)}</span>
      </PlayerBar>
    </div>
  );
}

// silent is said while the loop is blocked: what it does it tells afterwards.
function silent({ recording: r, info }: Session): Part[] {
  const task = info?.blocked_by || r.blocked?.task || 0;
  return [task ? { name: r.name(task) } : "Something", " holds the loop, which can tell nothing of it until that ends. This is how it was before."];
}

// What nobody can follow does not fly about: a live loop that does more than this at once.
const fewEvents = 25;

/** useMoving is how long cards take from place to place. */
function useMoving(player: Player): number {
  const before = useRef(player.p);
  const came = player.p - before.current;
  useEffect(() => {
    before.current = player.p;
  });
  if (!player.live) return Math.min(500, player.hold() * 0.6);
  return came > fewEvents ? 0 : 200;
}
