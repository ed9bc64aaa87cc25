// A task as a card. The same task has the same mark of colour wherever it stands.

import type { ComponentChildren } from "preact";
import { count, duration } from "../text.ts";
import { Name } from "../ui.tsx";
import type { TaskState } from "./machine.ts";

/** markOf is the colour that tells a task from its neighbours, as the class of a mark. */
export function markOf(id: number): string {
  return `mark m${id % 6}`;
}

interface CardProps {
  id: number;
  name: string;
  class: string;
  children?: ComponentChildren;
}

export function Card({ id, name, class: c, children }: CardProps) {
  return (
    <li class={`tcard ${c}`} data-card={id}>
      <span class="who"><i class={markOf(id)} aria-hidden="true" /><Name text={name} most={24} /></span>
      {children}
    </li>
  );
}

/** Bar shows how much of a wait with a deadline is left. */
export function Bar({ t, now }: { t: TaskState; now: number }) {
  const left = Math.max(0, t.until - now);
  const whole = Math.max(1, t.until - t.since);
  return (
    <span class="left">
      <span class="bar" aria-hidden="true"><span style={{ width: `${Math.min(100, (100 * left) / whole)}%` }} /></span>
      <span class="faint">{left > 0 ? duration(Math.ceil(left / 1e8) * 1e8 < 1e9 && whole < 1e9 ? left : Math.round(left / 1e8) * 1e8) : "over"}</span>
    </span>
  );
}

export function More({ n }: { n: number }) {
  return n > 0 ? <li class="more faint">and {count(n)} more</li> : null;
}
