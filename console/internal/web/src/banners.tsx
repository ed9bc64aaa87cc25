// What one must know at once, above everything: the loop is blocked, it is deadlocked,
// the program has ended, the connection is gone.

import { Cause } from "./recording.ts";
import type { Session } from "./session.ts";
import { outcome, State } from "./spans.ts";
import { duration, label } from "./text.ts";
import { culprit } from "./traceback.ts";
import { Name, StackText, TaskLink } from "./ui.tsx";

export function Banners({ session }: { session: Session }) {
  return (
    <>
      <p class="hidden" role="alert">{spoken(session)}</p>
      <div class="banners" role="region" aria-label="Notices">
        <BlockedBanner session={session} />
        <EndBanner session={session} />
        {session.connection === "lost" && session.program && (
          <div class="banner warn"><strong>The connection is gone.</strong>The program does not answer any more: it has ended, it was stopped, or its console was closed. What you see is what was known last; it stays readable.</div>
        )}
        {session.connection === "refused" && session.program && (
          <div class="banner warn"><strong>The console has changed its token.</strong>It was probably started anew. Open the address that it has written, with the token in it.</div>
        )}
        {session.crowded && session.connection === "live" && (
          <div class="banner warn"><strong>Other tabs follow this program already.</strong>A browser opens few connections to one server. When one of these tabs is closed, this page follows too; until then it shows what can be asked: tasks, waits, what is in use, lag and warnings.</div>
        )}
        {session.recording.problem && session.recording.header && (
          <div class="banner warn"><strong>The recording is damaged.</strong>{label(session.recording.problem, 200)} What comes before that is shown, and nothing after it: it would build on what is missing.</div>
        )}
        {session.note && <div class="banner" role="status">{label(session.note, 300)}</div>}
      </div>
    </>
  );
}

/** spoken is what a screen reader says at once: the banners in short, and without times, which change all the time. */
export function spoken(session: Session): string {
  const { recording } = session;
  if (session.connection === "lost" && session.program) return "The connection is gone. What is shown was known last.";
  if (session.connection === "refused" && session.program) return "The console has changed its token.";
  const end = ending(session);
  if (end) return end.text ? `${end.title} ${label(end.text, 300)}` : end.title;
  const block = blocking(session);
  if (block) return `The loop is blocked by ${block.task ? `task ${label(recording.name(block.task), 60)}` : "something"}${block.where && `, in ${label(block.where, 120)}`}.`;
  return recording.problem && recording.header ? "The recording is damaged." : "";
}

interface Block {
  task: number;
  stack: string;
  where: string;
}

/** blocking is what holds the loop now, as far as that is known. */
function blocking({ recording, info, isLive }: Session): Block | null {
  const { blocked } = recording;
  if (!isLive || (!blocked && info?.state !== "blocked")) return null;
  const stack = info?.stack || blocked?.stack || "";
  return { stack, where: culprit(stack), task: info?.blocked_by || blocked?.task || 0 };
}

function BlockedBanner({ session }: { session: Session }) {
  const block = blocking(session);
  if (!block) return null;
  const { recording, info } = session;
  const { blocked } = recording;
  const { stack, task, where } = block;
  const since = info?.blocked_since ? (Date.now() - Date.parse(info.blocked_since)) * 1e6 : blocked ? recording.now - blocked.since : NaN;
  return (
    <div class="banner bad">
      <strong>The loop is blocked{Number.isFinite(since) && since > 0 ? ` for at least ${duration(since)}` : ""}.</strong>
      {task ? <>Task <TaskLink id={task} name={recording.name(task)} /> has not given way</> : "Something has not given way"}
      {where && <>: it is in <Name text={where} most={120} class="mono" /></>}.
      {" "}Nobody else can run until it does: it computes for long, or calls something that waits without letting the loop go on. Its stack tells where; the first lines are where it is now.
      {stack && <details open><summary>The stack of what runs</summary><StackText text={stack} /></details>}
    </div>
  );
}

interface End {
  title: string;
  text: string;
  bad: boolean;
  deadlock: boolean;
}

/** ending is how the loop that is shown has ended, null where it has not. */
function ending(session: Session): End | null {
  const { recording, info } = session;
  const error = recording.ended?.error || (info?.state === "ended" ? info.error : "") || "";
  const over = recording.ended !== null || info?.state === "ended" || session.connection === "over";
  if (!over) return null;
  if (error.includes("deadlock")) return { title: "Deadlock: everybody waits, and nothing is left that could wake one of them.", text: "", bad: true, deadlock: true };
  if (error) return { title: "The loop has ended with an error.", text: error, bad: true, deadlock: false };
  if (!session.isLive) return null;
  const main = mainEnding(session);
  return { title: session.gone ? "The program has ended." : "The loop has ended.", text: main, bad: main !== "", deadlock: false };
}

/** mainEnding says what went wrong in the first task of the loop, "" where nothing did. */
function mainEnding({ recording: r, spans }: Session): string {
  const main = spans.rows.find((row) => !r.tasks.get(row.task)?.parent);
  if (!main || main.length < 2 || main.lastState !== State.Ended) return "";
  const { cause } = main.span(main.length - 2, r);
  if (cause !== Cause.Failed && cause !== Cause.Panicked) return "";
  const error = main.span(main.length - 1, r).what;
  return `${r.name(main.task)} ${outcome(cause)}${error && `: ${error}`}.`;
}

function EndBanner({ session }: { session: Session }) {
  const end = ending(session);
  if (!end) return null;
  if (end.deadlock) return <DeadlockBanner error={session.recording.ended?.error || session.info?.error || ""} cycles={session.info?.cycles ?? []} />;
  return (
    <div class={end.bad ? "banner bad" : "banner"}>
      <strong>{end.title}</strong>
      {end.text && <div><Name text={end.text} most={400} /></div>}
      {session.isLive && "What it did stays here as long as this page is open."}
    </div>
  );
}

function DeadlockBanner({ error, cycles }: { error: string; cycles: unknown[] }) {
  const lines = error.slice(0, 20_000).split("\n");
  return (
    <div class="banner bad">
      <strong>Deadlock: everybody waits, and nothing is left that could wake one of them.</strong>
      {lines.filter((l) => l.includes("cycle:")).map((l) => <div><Name text={l.trim()} most={400} /></div>)}
      {cycles.length > 0 && !error.includes("cycle:") && <div>{cycles.map((c) => label(Array.isArray(c) ? c.join(" → ") : String(c), 300)).join("; ")}</div>}
      <details><summary>What the loop says</summary><StackText text={error} /></details>
    </div>
  );
}
