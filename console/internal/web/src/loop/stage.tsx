// The picture of a loop: who runs, who is ready, who waits and for what, the timers, and
// the operating system's poller. Tasks go round in it: the loop takes the first of the
// queue, which runs until it waits; when its wait is over it joins the end of the queue.

import { useMemo, useRef } from "preact/hooks";
import { many, count, duration } from "../text.ts";
import { Name } from "../ui.tsx";
import { Bar, Card, More } from "./cards.tsx";
import { useMoves } from "./flip.ts";
import type { History } from "./history.ts";
import { outcomeInWords, runningTask, type State, type TaskState } from "./machine.ts";
import { isOwn } from "./moments.ts";
import { codeAt, placeOf } from "./place.ts";
import { type Limits, type Zones, zonesOf } from "./zones.ts";

export interface StageProps {
  history: History;
  k: number;
  /** now is the time that is shown: that of the k-th event, or later. */
  now: number;
  /** blocks tells that the task which runs keeps the loop for long. */
  blocks: boolean;
  limits: Limits;
  /** moving is how long cards take from place to place, in milliseconds. */
  moving: number;
}

export function Stage(props: StageProps) {
  const { history, k, now, limits, moving } = props;
  const box = useRef<HTMLDivElement>(null);
  useMoves(box, `${k} ${history.recording.header?.start}`, moving);
  const state = history.at(k);
  const zones = useMemo(() => zonesOf(history.recording, history.at(k), limits), [history, k, limits]);
  return (
    <div class="stage" ref={box}>
      <Running {...props} state={state} />
      <Queue zones={zones} {...props} />
      <Waiting zones={zones} {...props} />
      <Poller zones={zones} asleep={state.asleep} history={history} now={now} />
      <Ended state={state} history={history} />
    </div>
  );
}

interface ZoneProps extends StageProps {
  zones: Zones;
}

function Running({ history, state, now, blocks }: StageProps & { state: State }) {
  const t = runningTask(state);
  const r = history.recording;
  const calls = !t && state.callback >= 0 && !isOwn(r.string(state.callback));
  return (
    <div role="group" class={`zone runs${t ? " busy" : ""}${blocks ? " blocks" : ""}`} aria-label="Runs now">
      <h3>Runs now <small>only one</small></h3>
      {t && <RunningCard t={t} history={history} now={now} blocks={blocks} />}
      {calls && <div class="tcard loops"><span class="faint">a function</span><Name text={r.string(state.callback)} most={40} /></div>}
      {!t && !calls && <p class="nobody">{state.asleep >= 0 ? "nobody: the loop sleeps" : state.ready.size > 0 ? "nobody: the next is taken" : "nobody"}</p>}
    </div>
  );
}

function RunningCard({ t, history, now, blocks }: { t: TaskState; history: History; now: number; blocks: boolean }) {
  const r = history.recording;
  const at = placeOf(r, t.stack);
  const took = now - t.since;
  return (
    <ul class="cards">
      <Card id={t.id} name={r.name(t.id)} class={blocks ? "running blocking" : "running"}>
        {blocks ? <span class="says">keeps the loop{took >= 1e6 && `: ${took < 100e6 ? duration(took) : `${(took / 1e9).toFixed(1)} s`}`}</span> : at ? <span class="faint mono clip" title={codeAt(r, at)}>{at.file}:{at.line}</span> : <span class="faint">step {count(t.steps)}</span>}
      </Card>
    </ul>
  );
}

function Queue({ zones, history, blocks }: ZoneProps) {
  return (
    <div role="group" class="zone queue" aria-label="Ready: the queue">
      <h3>Ready: the queue <Count n={zones.readyCount} /></h3>
      {zones.readyCount === 0 && <p class="nobody">empty</p>}
      <ol class="cards">
        {zones.ready.map((t, i) => (
          <Card key={t.id} id={t.id} name={history.recording.name(t.id)} class={blocks ? "ready held" : "ready"}>
            <span class="faint">{blocks ? "could run, must wait" : i === 0 ? "next" : `no. ${count(i + 1)}`}</span>
          </Card>
        ))}
        <More n={zones.readyCount - zones.ready.length} />
      </ol>
    </div>
  );
}

function Waiting({ zones, history, now }: ZoneProps) {
  return (
    <div role="group" class="zone waits" aria-label="Waiting">
      <h3>Waiting <small>cost no time on the loop</small> <Count n={zones.waitingCount} /></h3>
      {zones.waitingCount === 0 && <p class="nobody">nobody</p>}
      <div class="groups">
        {zones.groups.map((g) => (
          <div class="group" key={g.what}>
            <h4>for <Name text={g.what} most={44} />{g.count > 1 && <> <Count n={g.count} /></>}</h4>
            <ul class="cards">
              {g.first.map((t) => (
                <Card key={t.id} id={t.id} name={history.recording.name(t.id)} class="waiting">
                  {t.until > 0 ? <Bar t={t} now={now} /> : <span class="faint">{now - t.since >= 1e3 ? `for ${duration(now - t.since)}` : "since now"}</span>}
                </Card>
              ))}
              <More n={g.count - g.first.length} />
            </ul>
          </div>
        ))}
        {zones.moreGroups > 0 && <p class="faint">and {many(zones.moreGroups, "other thing")}</p>}
      </div>
    </div>
  );
}

function Poller({ zones, asleep, history, now }: { zones: Zones; asleep: number; history: History; now: number }) {
  const [first, ...others] = zones.timers;
  return (
    <div role="group" class={asleep >= 0 ? "zone poller asleep" : "zone poller"} aria-label="Timers and the operating system">
      <h3>Timers <Count n={zones.timerCount + zones.unknownTimers} /></h3>
      <ol class="timers">
        {[first, ...others].map((t) => t && (
          <li key={t.id}>
            <span class="when">{clockTime(t.until)}</span><Name text={history.recording.name(t.id)} most={20} /><span class="faint">{t.until > now ? `in ${duration(t.until - now)}` : "due"}</span>
          </li>
        ))}
        {zones.timerCount > zones.timers.length && <li class="faint">and {count(zones.timerCount - zones.timers.length)} later</li>}
        {zones.unknownTimers > 0 && <li class="faint">and {count(zones.unknownTimers)} from before the recording began</li>}
        {!first && zones.unknownTimers === 0 && <li class="faint">none is set</li>}
      </ol>
      <p class="system">
        <span class="faint">Operating system:</span> {asleep < 0 ? "not asked now" : asleep === 0 ? "asleep until something comes from outside" : <>asleep until {clockTime(asleep)}</>}
      </p>
    </div>
  );
}

function Ended({ state, history }: { state: State; history: History }) {
  const shown = state.endings.slice(-4);
  return (
    <div role="group" class="zone ended" aria-label="Ended">
      <h3>Ended <Count n={state.ended} /></h3>
      {state.ended === 0 && <p class="nobody">nobody yet</p>}
      <ul class="cards">
        <More n={state.ended - shown.length} />
        {shown.map((e) => <Card key={e.id} id={e.id} name={history.recording.name(e.id)} class="done">{outcomeInWords(e.outcome) !== "done" && <span class="faint">{outcomeInWords(e.outcome)}</span>}</Card>)}
      </ul>
    </div>
  );
}

function Count({ n }: { n: number }) {
  return n > 0 ? <span class="count">{count(n)}</span> : null;
}

/** clockTime is a time since the loop began, always with the same digits: 1.000 s. */
export function clockTime(ns: number): string {
  return `${(ns / 1e9).toFixed(ns < 100e9 ? 3 : 1)} s`;
}
