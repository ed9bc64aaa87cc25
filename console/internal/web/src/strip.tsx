// The state of the loop in one word, and its numbers in one line.

import type { LoopInfo } from "./api.ts";
import type { Session } from "./session.ts";
import { State } from "./spans.ts";
import { count, duration } from "./text.ts";

const words: Record<string, [string, string]> = {
  running: ["running", "The loop is at work"],
  asleep: ["asleep", "The loop waits for events or for time to pass: nothing is to be done"],
  blocked: ["blocked", "One task holds the loop and lets nobody else run"],
  ended: ["ended", "The loop has ended"],
  connecting: ["connecting", "Asking the program"],
  none: ["no loop", "The program has its console on, and no loop of it is there to be shown"],
  lost: ["no connection", "The program does not answer; what is shown is what was known last"],
  refused: ["no access", "The console wants its token"],
  file: ["recording", "A recording from a file"],
};

export function Badge({ session }: { session: Session }) {
  const c = session.connection;
  const state = c === "over" ? "ended" : c === "live" ? (session.info?.state ?? "none") : c;
  const [word, explained] = words[state] ?? [state, ""];
  return <span class={`badge ${state}`} title={explained}>{word}{session.info?.virtual || session.recording.header?.virtual ? " · virtual time" : ""}</span>;
}

export function Strip({ session }: { session: Session }) {
  const numbers = session.isLive ? liveNumbers(session) : fileNumbers(session);
  if (numbers.length === 0) return null;
  return (
    <section class="strip" aria-label="Numbers" tabIndex={0}>
      <dl>{numbers.map(([name, value, explained]) => <div title={explained}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </section>
  );
}

type Entry = [name: string, value: string, explained: string];

function liveNumbers(session: Session): Entry[] {
  const s = session.info?.stats;
  if (!s || Date.parse(s.at) <= 0) return []; // the loop has not answered yet
  return [
    ["tasks", count(s.tasks), "Tasks that have not ended"],
    ["ready", count(s.ready), "Tasks and callbacks in the queue: they could run, and wait for their turn"],
    ["timers", count(s.timers), "Sleeps, timeouts and calls that are due later"],
    ["busy", busy(session.info), "How much of the time the loop is at work; at 100 % everything is late"],
    ["descriptors", count(s.descriptors), "Sockets, pipes and the like that the loop watches"],
    ["threads", count(s.threads), "Calls on threads of their own that are under way"],
    ["rounds", count(s.rounds), "Times that the loop has gone through its queue"],
    ["steps", count(s.entries), "Times that a task or callback has run"],
    ["errors unseen", count(s.failures), "Tasks that failed and whose error nobody has looked at"],
    ...missing(session),
  ];
}

/** missing tells of gaps, where there are some. */
function missing({ recording }: Session): Entry[] {
  return recording.missing > 0 ? [["events missing", count(recording.missing), "The loop wrote down more than could be read in time. The timeline is grey there"]] : [];
}

function busy(info: LoopInfo | undefined): string {
  const s = info?.stats;
  const all = (s?.busy_ns ?? 0) + (s?.asleep_ns ?? 0);
  return s && all > 0 ? `${((100 * s.busy_ns) / all).toFixed(1)} %` : "—";
}

function fileNumbers(session: Session): Entry[] {
  const { recording, spans } = session;
  if (recording.length === 0) return [];
  const alive = spans.rows.filter((r) => r.lastState !== State.Ended).length;
  return [
    ["took", duration(recording.now - recording.begin), "From the first event to the last"],
    ["tasks", count(spans.rows.length), "Tasks that were there"],
    ["alive at the end", count(alive), "Tasks that had not ended when the recording did"],
    ["events", count(recording.length), "What the loop has written down"],
    ...missing(session),
    ["exactness", exactness(recording.header?.detail), "How exactly the loop looked at its clock"],
  ];
}

function exactness(detail: string | undefined): string {
  return detail === "coarse" ? "order exact, times about" : detail === "stacks" ? "exact, with stacks" : "exact";
}
