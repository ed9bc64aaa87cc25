// What the console thinks is wrong, and what one can do about it.

import type { Warning } from "../api.ts";
import type { Session } from "../session.ts";
import { useStore } from "../store.ts";
import { Empty, Name, StackText, TaskLink } from "../ui.tsx";
import type { ViewProps } from "../views.ts";

const kinds: Record<string, [title: string, advice: string]> = {
  blocked: ["A task holds the loop", ""], // its text says what to do
  "never-waits": ["A task never waits", "It gives way only because the loop makes it, and takes a turn in every round. Let it wait for what it needs, or yield where it may."],
  "self-wakes": ["A task wakes itself", "More than half of its wake-ups are its own doing: it polls. Let it wait for an event, a condition or a timer."],
  "lock-held": ["A lock is held across a long wait", "Others stand in line meanwhile. Release it before waiting, or guard less with it."],
  "unseen-error": ["An error that nobody has looked at", "The task has failed, and its result was never asked for. Await it, or handle the error inside."],
  "queue-grows": ["A queue only grows", "More is put in than is taken out: memory goes, and answers come later and later. Give it a limit, or more consumers."],
  "deadlock-cycle": ["Tasks wait for each other in a circle", "None of them can ever go on. Take locks in the same order everywhere, or give up after a time."],
  report: ["The loop has reported", ""],
};

export function Warnings({ session }: ViewProps) {
  useStore(session, 1000);
  if (session.warnings.length === 0) return <Empty title="Nothing looks wrong"><p>Looked for, all the time while this page is open: a blocked loop, tasks that never wait or wake themselves over and over, locks held across long waits, errors that nobody has looked at, queues that only grow, tasks that wait for each other in a circle.</p></Empty>;
  return (
    <div class="warnings">
      <h2 class="hidden">Warnings</h2>
      <ul aria-live="polite" aria-relevant="additions">{session.warnings.map((w) => <Item w={w} session={session} />)}</ul>
    </div>
  );
}

function Item({ w, session }: { w: Warning; session: Session }) {
  const [title, advice] = kinds[w.kind] ?? [w.kind, ""];
  const bad = w.kind === "blocked" || w.kind === "deadlock-cycle";
  return (
    <li class={`card warning ${bad ? "bad" : ""}`}>
      <h3>{title}{w.task ? <>: <TaskLink id={w.task} name={w.kind === "blocked" ? session.recording.name(w.task) : (w.name ?? "")} /></> : w.name && w.kind !== "blocked" ? <>: <Name text={w.name} /></> : null}</h3>
      {w.text && <p class="pre"><Name text={w.text} most={1000} /></p>}
      {w.since && <p class="faint">since {new Date(w.since).toLocaleTimeString("en-GB")}</p>}
      {advice && <p class="faint">{advice}</p>}
      {w.stack && <details><summary>Stack</summary><StackText text={w.stack} /></details>}
    </li>
  );
}
