// What happens, in plain words: one sentence for each event, and why.

import { Cause, type Event, Kind, type Recording } from "../recording.ts";
import { duration } from "../text.ts";
import type { History } from "./history.ts";
import { stopAt } from "./moments.ts";
import { runningTask, type State, type TaskState } from "./machine.ts";
import { codeAt, placeOf } from "./place.ts";

/** A part of a sentence: text of this page, or a name or a text from the program, which are shown as such. */
export type Part = string | { name: string } | { quote: string };

/** plain is a sentence without its marks. */
export function plain(parts: readonly Part[]): string {
  return parts.map((p) => (typeof p === "string" ? p : "name" in p ? p.name : p.quote)).join("");
}

function say(text: TemplateStringsArray, ...values: (Part | Part[])[]): Part[] {
  return text.flatMap((t, i) => [t, ...[values[i] ?? []].flat()]).filter((p) => p !== "");
}

/** sentence tells what the last thing of k events was and why. blockedAfter is from when on a step is long, in nanoseconds, and until is how far the recording has come. */
export function sentence(h: History, k: number, blockedAfter: number, until = h.recording.now): Part[] {
  if (k <= h.first) return h.length > h.first ? ["This is the beginning. Press play, or step forward."] : ["Nothing has happened yet."];
  const at = Math.max(stopAt(h, k), h.first + 1);
  const e = h.event(at - 1);
  const before = scene(h, at - 1, e.task);
  const state = h.at(at);
  const r = h.recording;
  const what = happened({ r, e, state, before });
  const end = k >= h.length && r.ended ? ended(r) : [];
  return [...what, ...held(h, h.at(k), lasts(h, k, until), blockedAfter), ...end];
}

interface Scene {
  task: TaskState | undefined;
  runner: number;
}

// scene is what the sentence needs of the state before: the state itself is reused.
function scene(h: History, k: number, id: number): Scene {
  const s = h.at(k);
  return { task: s.tasks.get(id), runner: s.running.at(-1) ?? 0 };
}

interface Happening {
  r: Recording;
  e: Event;
  state: State;
  before: Scene;
}

function happened(x: Happening): Part[] {
  const { r, e, state } = x;
  const who = name(r, e.task);
  switch (e.kind) {
    case Kind.Created: return created(x);
    case Kind.Exists: return say`${who} was there when the recording began.`;
    case Kind.Step: return stepped(x);
    case Kind.Callback: return say`The loop calls a function: ${quote(r.string(e.a) || "a callback")}.`;
    case Kind.Parked: return parked(x);
    case Kind.Woken: return woken(x);
    case Kind.Done: return done(x);
    case Kind.Sleep: return sleeps(x);
    case Kind.Awake: return say`The loop wakes up${waker(r, state)}.`;
    case Kind.Said: return said(x);
    case Kind.Round: return ["A new round: the loop looks what has happened, and takes those who are ready now, one by one."];
    default: return ["The loop looks what has happened meanwhile."];
  }
}

function created({ r, e, before }: Happening): Part[] {
  const who = name(r, e.task);
  const by = before.runner || e.a;
  if (!by) return say`The loop begins with its first task, ${who}. It stands in the queue.`;
  return say`${name(r, by)} starts a new task, ${who}. It does not run yet: it joins the end of the queue.`;
}

function stepped({ r, e, before }: Happening): Part[] {
  const who = name(r, e.task);
  if (before.runner && before.runner !== e.task) return say`${name(r, before.runner)} lets its new task ${who} begin at once.`;
  const first = (before.task?.steps ?? 0) === 0;
  return say`The loop takes the next of the queue: ${who} ${first ? "begins" : "goes on where it stopped"}.`;
}

function parked({ r, e, state }: Happening): Part[] {
  const who = name(r, e.task);
  const what = r.string(e.a) || "something";
  const free = state.ready.size > 0 ? "The loop is free for the next of the queue." : "The loop is free.";
  if (what === "sleep" && e.c > 0) return say`${who} waits for a sleep of ${duration(e.c - e.t)}. ${free}`;
  if (what === "sleep") return say`${who} waits until its sleep is over. ${free}`;
  return say`${who} waits for ${quote(what)}${e.c > 0 ? `, for at most ${duration(e.c - e.t)}` : ""}. ${free}`;
}

function woken({ r, e, before }: Happening): Part[] {
  const who = name(r, e.task);
  const cause = r.string(e.c).replace(/^the callback (?=the |a )/, "");
  const by: Part[] = e.b > 0 ? [name(r, e.b)] : [cause];
  if (e.a === Cause.Yield) return say`${who} gives way to the others and queues up again.`;
  if (e.a === Cause.Cancel) return say`The wait of ${who} is cancelled${e.b > 0 || e.c > 0 ? [" by ", ...by] : ""}. It joins the queue, to clean up.`;
  const joins = "is ready again: it joins the end of the queue";
  const waited = r.string(before.task?.waitsFor ?? 0);
  if (cause === "the end of a sleep" || cause === "its time was over") {
    return say`${waited === "sleep" ? "The sleep" : "The time"} of ${who} is over. It ${joins}.`;
  }
  if (cause === "the end of a task of a group") return say`${waited.includes("group") ? "The last task of the group has ended. " : ""}${who} ${joins}.`;
  if (e.b > 0 || e.c > 0) return say`${who} ${joins}. It was woken by ${by}.`;
  return say`${who} has got what it waited for. It ${joins}.`;
}

function done({ r, e }: Happening): Part[] {
  const who = name(r, e.task);
  const error: Part[] = e.b > 0 ? [": ", quote(r.string(e.b))] : ["."];
  switch (e.a) {
    case Cause.Failed: return say`${who} has ended with an error${error}`;
    case Cause.Cancelled: return say`${who} has ended because it was cancelled.`;
    case Cause.Panicked: return say`${who} has panicked${error}`;
    case Cause.Exited: return say`${who} has ended by runtime.Goexit.`;
    default: return say`${who} has done its work and ends.`;
  }
}

function sleeps({ e }: Happening): Part[] {
  if (e.a <= 0) return ["Everybody waits, and no timer is set. The loop sleeps until something comes from outside."];
  return say`Everybody waits. The loop asks the operating system to wake it in ${duration(e.a - e.t)}, when the first timer is due.`;
}

function waker(r: Recording, state: State): Part[] {
  let first: TaskState | undefined;
  for (const t of state.tasks.values()) {
    if (t.phase === "waiting" && t.until > 0 && t.until <= state.t && (!first || t.until < first.until)) first = t;
  }
  return first ? say`: the timer of ${name(r, first.id)} is due` : [];
}

function said({ r, e, state }: Happening): Part[] {
  const who = name(r, e.task);
  if (e.a > 0) return say`${who} prints: ${quote(r.string(e.a))}`;
  const at = placeOf(r, state.tasks.get(e.task)?.stack ?? 0);
  return at ? say`${who} comes to line ${String(at.line)}: ${quote(codeAt(r, at) || at.function)}.` : say`${who} goes on.`;
}

// held adds what a long step means for the others.
function held(h: History, state: State, length: number, blockedAfter: number): Part[] {
  const runner = runningTask(state);
  if (!runner || length < blockedAfter) return [];
  const others = state.ready.size;
  const first = state.ready.values().next().value;
  if (first === undefined) return say` It keeps the loop for ${duration(length)}.`;
  const rest = others > 1 ? ` and ${others - 1} more are` : " is";
  return say` It keeps the loop for ${duration(length)}: ${name(h.recording, first)}${rest} ready, but cannot run.`;
}

/** lasts is how long the state after k events stays as it is, in nanoseconds; the last one until then. */
export function lasts(h: History, k: number, until = h.recording.now): number {
  const from = h.timeAt(k);
  return (k < h.length ? h.event(k).t : until) - from;
}

function ended(r: Recording): Part[] {
  const error = r.ended?.error;
  return error ? [" The run ends with an error: ", quote(error.split("\n")[0] ?? "")] : [" The run is over."];
}

function name(r: Recording, id: number): Part {
  return { name: r.name(id) };
}

function quote(text: string): Part {
  return { quote: text };
}
