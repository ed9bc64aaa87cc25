// Small parts that all views are made of.

import type { ComponentChildren } from "preact";
import type { Frame } from "./recording.ts";
import { link } from "./route.ts";
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

/** StackText is a traceback as the runtime writes it. */
export function StackText({ text }: { text: string }) {
  const lines = text.slice(0, 100_000).split("\n").map(visibleLine).join("\n");
  return <pre class="stacktext" tabIndex={0} aria-label="Stack">{lines}</pre>;
}

function visibleLine(line: string): string {
  return line.split("\t").map(visible).join("    ");
}
