// All that is known of one task, now.

import { useEffect, useState } from "preact/hooks";
import { api, ApiError, type Site, type TaskDetail } from "../api.ts";
import type { Frame } from "../recording.ts";
import { go, link } from "../route.ts";
import type { Session } from "../session.ts";
import { State } from "../spans.ts";
import { count, duration, many, place, visible } from "../text.ts";
import { outcome } from "../spans.ts";
import { Name, Stack, TaskLink } from "../ui.tsx";
import { ofRow } from "./source.ts";

export function Detail({ session, id }: { session: Session; id: number }) {
  return (
    <aside class="panel card detail" aria-label="The task">
      {session.follows ? <Live session={session} id={id} key={id} /> : <Recorded session={session} id={id} />}
    </aside>
  );
}

function Head({ name, id }: { name: string; id: number }) {
  return (
    <div class="panel-top">
      <h3><Name text={name} most={90} /></h3>
      <button class="quiet" onClick={() => go({ task: "" })} aria-label={`Close task ${id}`}>✕</button>
    </div>
  );
}

function Live({ session, id }: { session: Session; id: number }) {
  const [d, set] = useState<TaskDetail | null>(null);
  const [problem, setProblem] = useState<{ text: string; status: number } | null>(null);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      try {
        const got = await api.task(session.number, id);
        if (over) return;
        set(got);
        setProblem(null);
      } catch (e) {
        if (over) return;
        setProblem({ text: e instanceof Error ? e.message : String(e), status: e instanceof ApiError ? e.status : 0 });
      }
      timer = setTimeout(() => void load(), 1500);
    };
    void load();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [session, id]);
  if (problem?.status === 404) return <Recorded session={session} id={id} ended />;
  return (
    <>
      {/* One head for the question and the answer: who has the focus on its button keeps it. */}
      <Head name={d ? d.task.name : session.recording.name(id)} id={id} />
      {d ? <Known session={session} d={d} /> : <p class="faint" role="status">{problem ? visible(problem.text.slice(0, 300)) : "Asking the loop…"}</p>}
    </>
  );
}

function Known({ session, d }: { session: Session; d: TaskDetail }) {
  const t = d.task;
  const at = Date.parse(d.at);
  const age = t.since ? Math.max(0, at - Date.parse(t.since)) * 1e6 : NaN;
  const left = t.until ? (Date.parse(t.until) - at) * 1e6 : NaN;
  const parents = (d.path ?? []).filter((p) => p.id !== t.id);
  return (
    <>
      <p><span class={`state ${t.state}`}>{visible(t.state)}</span>{t.waits_for && <> for <strong><Name text={t.waits_for} most={160} /></strong></>}{t.ending && <> · was cancelled and has not ended yet</>}</p>
      <dl class="facts">
        {Number.isFinite(age) && <><dt>for</dt><dd>{duration(age)}</dd></>}
        {Number.isFinite(left) && <><dt>timer</dt><dd>{left > 0 ? `in ${duration(left)}` : `due ${duration(-left)} ago`}</dd></>}
        {t.tasks && t.tasks.length > 0 && <><dt>ended by</dt><dd>{t.tasks.slice(0, 20).map((w) => <><TaskLink id={w} name={session.recording.name(w)} /> </>)}</dd></>}
        {t.steps !== undefined && <><dt>steps</dt><dd>{t.partial && "at least "}{count(t.steps)}{t.busy_ns !== undefined && `, ${duration(t.busy_ns)} in all`}</dd></>}
        {t.yields ? <><dt>gave way</dt><dd>{many(t.yields, "time")}</dd></> : null}
        {t.self_wakes ? <><dt>woke itself</dt><dd>{many(t.self_wakes, "time")}</dd></> : null}
        {t.since_watch_ms !== undefined && <><dt>counted for</dt><dd>{duration(t.since_watch_ms * 1e6)}</dd></>}
        <SiteFacts site={t.site} created={t.created} />
        <dt>number</dt><dd>{t.id}</dd>
      </dl>
      <h4>Stack</h4>
      {d.stack && d.stack.length > 0 ? <Stack frames={d.stack.map(frame)} /> : <p class="faint">{t.begun ? "It runs now, or has none." : "It has not begun."}</p>}
      {parents.length > 0 && <><h4>Made by, up to main</h4><ol class="path">{parents.map((p) => <li><TaskLink id={p.id} name={p.name} /></li>)}</ol></>}
      {d.children && d.children.length > 0 && <Children children={d.children} />}
      <p class="panel-move"><a class="button" href={link({ view: "timeline", task: t.id })}>Show in the timeline</a></p>
    </>
  );
}

function SiteFacts({ site, created }: { site: Site; created: Site | undefined }) {
  return (
    <>
      {site?.function && <><dt>runs</dt><dd class="mono"><Name text={site.function} most={90} /></dd></>}
      {site?.file && <><dt>at</dt><dd class="mono" title={visible(site.file)}>{visible(place(site.file, site.line ?? 0))}</dd></>}
      {created?.file && <><dt>made at</dt><dd class="mono" title={visible(created.file)}>{visible(place(created.file, created.line ?? 0))}</dd></>}
    </>
  );
}

function Children({ children }: { children: TaskDetail["children"] }) {
  return (
    <>
      <h4>Its tasks: {count(children.length)}{children.length >= 1000 ? " or more" : ""}</h4>
      <ul class="path">{children.slice(0, 100).map((c) => <li><TaskLink id={c.id} name={c.name} /> <span class="faint">{visible(c.state)}</span></li>)}</ul>
      {children.length > 100 && <p class="faint">and more: the tree has them all</p>}
    </>
  );
}

function frame(s: Site): Frame {
  return [s.function ?? "", s.file ?? "", s.line ?? 0];
}

/** Recorded is a task as a recording knows it, or the stream of a loop in which it has ended. */
function Recorded({ session, id, ended }: { session: Session; id: number; ended?: boolean }) {
  const { spans, recording: r } = session;
  const row = spans.byTask.get(id);
  if (!row || row.length === 0) return <><Head name={r.name(id)} id={id} /><p class="faint">{ended ? "It has ended, before this page began to look." : "The recording has nothing of it."}</p></>;
  const line = ofRow(row, r);
  const last = row.span(row.length - 1, r);
  const before = row.length > 1 ? row.span(row.length - 2, r) : null;
  const task = r.tasks.get(id);
  return (
    <>
      <Head name={r.name(id)} id={id} />
      <p><span class={`state ${line.state}`}>{line.state}</span>{line.waitsFor && <> for <strong><Name text={line.waitsFor} most={160} /></strong></>}</p>
      {last.state === State.Ended && <p>It {outcome(before?.cause ?? 0)} at {duration(last.start)}{last.what && <>: <Name text={last.what} most={300} /></>}</p>}
      <dl class="facts">
        {last.state !== State.Ended && <><dt>for</dt><dd>{duration(line.age ?? NaN)}</dd></>}
        <dt>steps</dt><dd>{count(line.steps ?? 0)}, {duration(line.busy ?? 0)} in all</dd>
        <SiteFacts site={{ function: task?.function ?? "", file: task?.file ?? "", line: task?.line ?? 0 }} created={undefined} />
        {task && task.parent > 0 && <><dt>parent</dt><dd><TaskLink id={task.parent} name={r.name(task.parent)} /></dd></>}
        <dt>number</dt><dd>{id}</dd>
      </dl>
      {last.state === State.Waiting && last.stack > 0 && <><h4>Where it waits</h4><Stack frames={r.stack(last.stack)} /></>}
      <p class="panel-move"><a class="button" href={link({ view: "timeline", task: id })}>Show in the timeline</a></p>
    </>
  );
}
