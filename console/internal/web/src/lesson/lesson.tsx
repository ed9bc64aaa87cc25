// Several recordings side by side, with one player and one clock: the lesson of the
// tutorial. What one run does in the time of the other is seen at each moment.

import { useMemo } from "preact/hooks";
import { markOf } from "../loop/cards.tsx";
import { Code } from "../loop/code.tsx";
import { History } from "../loop/history.ts";
import { runningTask } from "../loop/machine.ts";
import { together } from "../loop/moments.ts";
import { Player } from "../loop/player.ts";
import { PlayerBar, usePlayer } from "../loop/playerbar.tsx";
import { Sentence } from "../loop/sentence.tsx";
import { clockTime, Stage } from "../loop/stage.tsx";
import { several } from "../loop/tracks.ts";
import { lasts, plain, sentence } from "../loop/words.ts";
import type { Recording } from "../recording.ts";
import { duration } from "../text.ts";
import { Announce, Name } from "../ui.tsx";
import { alone, type Lane, Lanes, lanesOf } from "./lanes.tsx";

const limits = { ready: 6, groups: 3, perGroup: 6, timers: 4 };

interface LessonProps {
  recordings: readonly Recording[];
  addresses: readonly string[];
  /** seen tells that somebody has just seen it happen: it begins with the end. */
  seen: boolean;
}

export function Lesson({ recordings, addresses, seen }: LessonProps) {
  const histories = useMemo(() => recordings.map((r) => new History(r)), [recordings]);
  const whole = Math.max(1, ...recordings.map((r) => r.now));
  const blockedAfter = Math.min(100e6, whole / 20);
  const moments = useMemo(() => together(histories, whole / 200), [histories]);
  const player = useMemo(() => {
    const p = new Player(several(moments));
    if (seen) p.seek(p.track.last);
    return p;
  }, [moments]);
  const lanes = useMemo(() => histories.map((h) => lanesOf(h, blockedAfter, h.recording.now)), [histories]);
  const draw = usePlayer(player);
  const counts = moments[player.p]?.counts ?? [];
  const now = player.clock();
  return (
    <div class="lesson">
      <Difference histories={histories} lanes={lanes} />
      <div class="runs-side">
        {histories.map((h, i) => (
          <Run key={i} number={i + 1} address={addresses[i] ?? ""} history={h} k={counts[i] ?? h.first} now={now} until={h.recording.now} whole={whole} lanes={lanes[i] ?? []} blockedAfter={blockedAfter} moving={Math.min(500, player.hold() * 0.6)} />
        ))}
      </div>
      <PlayerBar player={player} onChange={draw} total={whole} />
    </div>
  );
}

/** Difference says why the runs take so long as they do, where what was recorded shows it: the first blocks the loop and the last does not. */
function Difference({ histories, lanes }: { histories: readonly History[]; lanes: readonly (readonly Lane[])[] }) {
  const last = histories[histories.length - 1];
  const [slow] = histories;
  if (!slow || !last) return null;
  const blocks = (of: readonly Lane[] | undefined) => (of ?? []).some((l) => l.parts.some((p) => p.kind === "blocks"));
  if (histories.length !== 2 || !blocks(lanes[0]) || blocks(lanes[1])) return <section class="difference"><h2>{histories.map((h, i) => <>{i > 0 && ", "}<Name text={titleOf(h)} most={40} />: <b>{tenths(h.recording.now)}</b></>)}</h2></section>;
  const own = (lanes[0] ?? []).map((l) => ({ name: slow.recording.name(l.task), t: alone(l) }));
  const few = own.slice(0, 3);
  return (
    <section class="difference">
      <h2>One loop, two ways to pause: why <b>{tenths(slow.recording.now)}</b> and why <b>{tenths(last.recording.now)}</b>?</h2>
      <p>
        {few.map((o, i) => <>{i > 0 && (i === few.length - 1 && own.length <= 3 ? " and " : ", ")}<Name text={o.name} most={20} /> needs {tenths(o.t)}</>)}{own.length > 3 && " and so on"}, nearly all of it pauses.
        {" "}A pause that <b class="bad">blocks</b> keeps the loop, so the pauses add up. A pause that <b class="good">waits</b> gives the loop to the others, so the pauses pass at the same time, and the longest one counts.
      </p>
    </section>
  );
}

function titleOf({ recording: { header } }: History): string {
  return header?.title || header?.name || "a run";
}

/** tenths is a time as the lesson in the terminal writes it: what a busy machine adds is not its point. */
function tenths(ns: number): string {
  return ns < 0.95e9 ? duration(ns) : `${(ns / 1e9).toFixed(1)} s`;
}

interface RunProps {
  number: number;
  /** address is where the recording is, to look at it by itself. */
  address: string;
  history: History;
  k: number;
  now: number;
  /** until is how far the run has come. */
  until: number;
  whole: number;
  lanes: readonly Lane[];
  blockedAfter: number;
  moving: number;
  /** live tells that the run goes on. */
  live?: boolean;
}

export function Run({ number, address, history, k, now, until, whole, lanes, blockedAfter, moving, live }: RunProps) {
  const r = history.recording;
  const at = Math.min(now, until);
  const words = useMemo(() => sentence(history, k, blockedAfter, until), [history, k, until]);
  const state = history.at(k);
  const blocks = runningTask(state) !== undefined && lasts(history, k, until) >= blockedAfter;
  const over = k >= history.length && !live;
  return (
    <section class="run card" aria-labelledby={`run${number}`}>
      <header>
        <h3 id={`run${number}`}>{number}. <Name text={titleOf(history)} />{!live && <> <a class="alone" href={`#${new URLSearchParams({ recording: address, view: "timeline" })}`}>by itself</a></>}</h3>
        <span class={over ? "total over" : "total"}>{over ? <>done: <b>{tenths(r.now)}</b></> : <>{clockTime(at)} {!live && <span class="faint">of {tenths(r.now)}</span>}</>}</span>
      </header>
      <Lanes history={history} lanes={lanes} now={at} whole={whole} />
      <p class="sentence"><Sentence parts={words} /></p>
      {!live && <Announce text={`Run ${number}: ${plain(words)}`} />}
      <Stage history={history} k={k} now={Math.max(at, state.t)} blocks={blocks} limits={limits} moving={moving} />
      <div class="below">
        <Code recording={r} state={state} blocks={blocks} />
        <Prints history={history} k={k} />
      </div>
    </section>
  );
}

function Prints({ history, k }: { history: History; k: number }) {
  const r = history.recording;
  const shown = history.prints.filter((p) => p.index < k);
  if (history.prints.length === 0) return null;
  const last = history.event(k - 1);
  return (
    <div role="group" class="prints" aria-label="What it prints">
      <ol>
        {shown.slice(-100).map((p) => (
          <li key={p.index} class={k > 0 && p.index === k - 1 && last ? "new" : ""}><span class="faint">{(p.t / 1e9).toFixed(1)} s</span><i class={markOf(p.task)} /><Name text={withoutName(r.string(p.text), r.name(p.task))} most={90} /></li>
        ))}
      </ol>
      {shown.length === 0 && <p class="faint">Here comes what it prints.</p>}
    </div>
  );
}

// withoutName takes away the name of the task, which its mark tells.
function withoutName(text: string, name: string): string {
  return text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;
}
