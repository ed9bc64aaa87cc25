// What one must know at once, above everything: the loop is blocked, it is deadlocked,
// the program has ended, the connection is gone.

import type { Session } from "./session.ts";
import { duration, label } from "./text.ts";
import { culprit } from "./traceback.ts";
import { Name, StackText, TaskLink } from "./ui.tsx";

export function Banners({ session }: { session: Session }) {
  return (
    <div class="banners" role="alert">
      <BlockedBanner session={session} />
      <EndBanner session={session} />
      {session.connection === "lost" && session.program && (
        <div class="banner warn"><strong>The connection is gone.</strong>The program does not answer any more: it has ended, or its console was closed. What you see is what was known last; it stays readable.</div>
      )}
      {session.connection === "refused" && session.program && (
        <div class="banner warn"><strong>The console has changed its token.</strong>It was probably started anew. Open the address that it has written, with the token in it.</div>
      )}
      {session.recording.problems.length > 0 && session.recording.header && (
        <div class="banner warn"><strong>Some lines of the recording were not understood.</strong>{label(session.recording.problems[0] ?? "", 200)}</div>
      )}
    </div>
  );
}

function BlockedBanner({ session }: { session: Session }) {
  const { recording, info } = session;
  const blocked = recording.blocked;
  if (!session.isLive || (!blocked && info?.state !== "blocked")) return null;
  const stack = info?.stack || blocked?.stack || "";
  const since = info?.blocked_since ? (Date.now() - Date.parse(info.blocked_since)) * 1e6 : blocked ? recording.now - blocked.since : NaN;
  const task = info?.blocked_by || blocked?.task || 0;
  const where = culprit(stack);
  return (
    <div class="banner bad">
      <strong>The loop is blocked{Number.isFinite(since) && since > 0 ? ` for at least ${duration(since)}` : ""}.</strong>
      {task ? <>Task <TaskLink id={task} name={recording.tasks.get(task)?.name ?? `number ${task}`} /> has not given way</> : "Something has not given way"}
      {where && <>: it is in <Name text={where} most={120} class="mono" /></>}.
      {" "}Nobody else can run until it does: it computes for long, or calls something that waits without letting the loop go on. Its stack tells where; the first lines are where it is now.
      {stack && <details open><summary>The stack of what runs</summary><StackText text={stack} /></details>}
    </div>
  );
}

function EndBanner({ session }: { session: Session }) {
  const error = session.recording.ended?.error || (session.info?.state === "ended" ? session.info.error : "") || "";
  const over = session.recording.ended !== null || session.info?.state === "ended" || session.connection === "over";
  if (!over) return null;
  if (error.includes("deadlock")) return <DeadlockBanner error={error} cycles={session.info?.cycles ?? []} />;
  if (error) return <div class="banner bad"><strong>The loop has ended with an error.</strong><Name text={error} most={400} /></div>;
  if (!session.isLive) return null;
  return <div class="banner"><strong>The program has ended.</strong>Without an error. What it did stays here as long as this page is open.</div>;
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
