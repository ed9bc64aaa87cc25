// What a bar of the timeline means: the task, what it did or waited for, since when,
// until when, where in the program, and who ended it.

import type { Ref } from "preact";
import type { Session } from "../session.ts";
import { State } from "../spans.ts";
import { duration, place, visible } from "../text.ts";
import { Name, Stack, TaskLink } from "../ui.tsx";
import type { Controller } from "./controller.ts";
import { ending, explain, stateWord } from "./words.ts";

export function Panel({ session, c, focus }: { session: Session; c: Controller; focus: Ref<HTMLElement> }) {
  const { spans, recording: r } = session;
  const row = c.selected && spans.byTask.get(c.selected.task);
  if (!row || !c.selected) return null;
  const span = row.span(c.selected.span, r);
  const next = span.index + 1 < row.length ? row.span(span.index + 1, r) : null;
  const before = span.index > 0 ? row.span(span.index - 1, r) : null;
  const task = r.tasks.get(row.task);
  const slow = row.isSlow(span.index, r.now);
  const whole = row.whole(r.now);
  // A step's own stack is not written down: where it began is where it waited before.
  const stack = span.state === State.Waiting ? span.stack : 0;
  return (
    <aside class="panel card" ref={focus} tabIndex={-1} aria-label="About this bar" onKeyDown={(e) => e.key === "Escape" && c.choose(null)}>
      <div class="panel-top">
        <h3><Name text={r.name(row.task)} most={60} /></h3>
        <button class="quiet" onClick={() => c.choose(null)} aria-label="Close">✕</button>
      </div>
      <p><span class={`state ${slow ? "blocked" : stateClass(span.state)}`}>{stateWord(row, span, r.now)}</span> {span.state === State.Waiting && span.what && <>for <strong><Name text={span.what} most={120} /></strong></>}</p>
      <p class="faint">{explain(row, span, r.now)}</p>
      <dl class="facts">
        <dt>from</dt><dd>{duration(span.start)}</dd>
        <dt>for</dt><dd>{duration(Math.min(span.end, r.now) - span.start)}{Number.isFinite(span.end) ? "" : " so far"}</dd>
        {span.until > 0 && <><dt>timer</dt><dd>due at {duration(span.until)}</dd></>}
        <dt>then</dt><dd>{span.byTask && Number.isFinite(span.end) ? <Woken session={session} cause={span.cause} task={span.byTask} /> : ending(span, next, r)}</dd>
      </dl>
      {stack > 0 && <><h4>Where it waits</h4><Stack frames={r.stack(stack)} /></>}
      {span.state === State.Running && before && earlier(before.index) > 0 && <><h4>Where it went on</h4><Stack frames={r.stack(earlier(before.index))} /></>}
      <h4>The task</h4>
      <dl class="facts">
        {task?.function && <><dt>runs</dt><dd class="mono"><Name text={task.function} most={70} /></dd></>}
        {task?.file && <><dt>made at</dt><dd class="mono" title={visible(task.file)}>{visible(place(task.file, task.line))}</dd></>}
        {task && task.parent > 0 && <><dt>parent</dt><dd><TaskLink id={task.parent} name={r.name(task.parent)} /></dd></>}
        <dt>steps</dt><dd>{whole.steps}, {duration(whole.ran)} in all</dd>
        <dt>in the queue</dt><dd>{duration(whole.ready)} in all</dd>
        {session.connection === "live" && row.lastState !== State.Ended && <><dt>now</dt><dd><TaskLink id={row.task} name="details" /></dd></>}
      </dl>
      <p class="panel-move">
        <button disabled={!before} onClick={() => c.step(-1)}>← before</button>
        <button disabled={!next || next.state === State.Ended} onClick={() => c.step(1)}>after →</button>
      </p>
    </aside>
  );

  /** earlier is the stack of the wait before a step: there it goes on. */
  function earlier(i: number): number {
    for (let k = i; k >= 0 && k > i - 3; k--) {
      const s = row?.span(k, r);
      if (s?.state === State.Waiting) return s.stack;
    }
    return 0;
  }

  function stateClass(state: number): string {
    return state === State.Running ? "running" : state === State.Ready ? "ready" : "waiting";
  }

  function Woken({ session: s, cause, task: by }: { session: Session; cause: number; task: number }) {
    const other = s.spans.byTask.get(by);
    const show = () => {
      if (!other) return;
      c.choose({ task: by, span: Math.max(0, other.at(span.end)) });
      c.reveal();
    };
    return <>{cause === 1 ? "cancelled" : "woken"} by <button class="linklike" onClick={show}><Name text={r.name(by)} most={50} /></button></>;
  }
}
