// Small parts that all views are made of.

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Frame } from "./recording.ts";
import { link } from "./route.ts";
import type { Session } from "./session.ts";
import { duration, label, place, visible } from "./text.ts";

/** Name shows a text of the program: isolated, made visible, shortened, whole in its title. */
export function Name({ text, most = 60, class: c }: { text: string; most?: number; class?: string }) {
  const short = label(text, most);
  const whole = label(text, 2000);
  return <bdi class={c ?? ""} title={whole === short ? undefined : whole}>{short}</bdi>;
}

/** TaskLink leads to a task's details. */
export function TaskLink({ id, name, most = 40 }: { id: number; name: string; most?: number }) {
  return <a href={link({ view: "tasks", task: id })}><Name text={name || `Task-${id}`} most={most} /></a>;
}

/** isRuntime tells the frames of the loop itself from those of the program. */
function isRuntime(fn: string): boolean {
  return /^github\.com\/goasyncio\/asyncio(\.|\/internal\/)|^(asyncio|runtime|iter)\./.test(fn);
}

/** Stack shows the innermost frame first. The program's own stand out: people look for those. */
export function Stack({ frames }: { frames: readonly Frame[] }) {
  if (frames.length === 0) return null;
  const first = frames.findIndex(([fn]) => !isRuntime(fn));
  return (
    <ol class="stack">
      {frames.slice(0, 100).map(([fn, file, line], i) => (
        <li class={i === first ? "here" : isRuntime(fn) ? "runtime" : ""}><Name text={fn} most={90} class="mono" /><span class="faint mono" title={label(`${file}:${line}`, 300)}>{visible(place(file, line))}</span></li>
      ))}
    </ol>
  );
}

export function Duration({ ns }: { ns: number }) {
  return <span class="nowrap">{duration(ns)}</span>;
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return <section class="empty card"><h2>{title}</h2>{children}</section>;
}

/** Found lets a screen reader say how much a search has found: when the search is another one, and not whenever tasks come and go. */
export function Found({ query, text }: { query: string; text: string }) {
  const said = useMemo(() => (query ? `${text} found` : ""), [query]);
  return <Announce text={said} />;
}

/** Announce lets screen readers speak a text when it has changed, but not each of a fast sequence. */
export function Announce({ text }: { text: string }) {
  const [spoken, speak] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => speak(text), 400);
    return () => clearTimeout(timer);
  }, [text]);
  return <p class="hidden" role="status" aria-live="polite">{spoken}</p>;
}

/** CannotLoad stands in the place of a view whose script is not to be had. */
export function CannotLoad() {
  return <Empty title="This view could not be loaded"><p>Its script comes from the program that is watched, and that does not answer, or is another version than when this page was loaded. Load the page again.</p></Empty>;
}

/** Over stands in the place of a view that asks the loop, when that cannot answer any more and was never asked. */
export function Over({ session, what }: { session: Session; what: string }) {
  return (
    <Empty title={session.connection === "over" ? "The loop has ended" : "The program does not answer"}>
      <p>{what} is asked of the loop itself, and nobody had looked at it here before. The timeline, the loop and the tree show what was known.</p>
    </Empty>
  );
}

/** Last says that a view shows what was known last. */
export function Last() {
  return <p class="faint" role="status">This is what was known last.</p>;
}

/** StackText is a traceback as the runtime writes it. */
export function StackText({ text }: { text: string }) {
  const lines = text.slice(0, 100_000).split("\n").map(visibleLine).join("\n");
  return <pre class="stacktext" tabIndex={0} aria-label="Stack">{lines}</pre>;
}

function visibleLine(line: string): string {
  return line.split("\t").map(visible).join("    ");
}
