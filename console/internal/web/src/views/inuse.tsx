// What the loop holds beside tasks: locks and queues, timers, threads, descriptors.

import type { ComponentChildren } from "preact";
import type { Site } from "../api.ts";
import { answered, usePolled } from "../polled.ts";
import { count, duration, label, place, visible } from "../text.ts";
import { Last, Name, Over, TaskLink } from "../ui.tsx";
import type { ViewProps } from "../views.ts";

interface Page {
  at: string;
  total: number;
}

interface Resource {
  id: number;
  kind: string;
  state: string;
  length?: number;
  limit?: number;
  holders?: number[];
  waiting: number;
}

interface ListProps {
  loop: number;
  asks: boolean;
  nameOf: (task: number) => string;
}

/** rows is how many of each are shown: whoever has more has the interface. */
const rows = 100;
const every = 1500;

export function InUse({ session }: ViewProps) {
  const list = { loop: session.number, asks: session.follows, nameOf: (id: number) => session.recording.name(id) };
  if (!list.asks && !answered(pathOf(list.loop, "timers"))) return <Over session={session} what="What is in use" />;
  return (
    <div class="inuse">
      <h2 class="hidden">In use</h2>
      {!list.asks && <Last />}
      <Resources {...list} />
      <Timers {...list} />
      <Threads {...list} />
      <Descriptors {...list} />
    </div>
  );
}

function Resources(list: ListProps) {
  const { nameOf } = list;
  const [a, problem] = useList<{ resources: Resource[] }>(list, "resources");
  return (
    <Section title="Locks, queues and the like" none="None that was used since the console is on." heads={["What", "State", "Wait for it", "Held by"]} page={a} problem={problem}>
      {a?.resources.map((r) => (
        <tr>
          <td><Name text={r.kind} /></td>
          <td><Name text={r.state} most={80} /></td>
          <td>{count(r.waiting)}</td>
          <td>{(r.holders ?? []).slice(0, 5).map((id) => <><TaskLink id={id} name={nameOf(id)} /> </>)}</td>
        </tr>
      ))}
    </Section>
  );
}

function Timers(list: ListProps) {
  const { nameOf } = list;
  const [a, problem] = useList<{ timers: { when: string; what: string; task?: number }[] }>(list, "timers");
  return (
    <Section title="Timers" none="None is set." heads={["Due in", "What", "Task"]} page={a} problem={problem}>
      {a?.timers.map((t) => (
        <tr>
          <td>{Date.parse(t.when) > Date.parse(a.at) ? between(a.at, t.when) : "now"}</td>
          <td><Name text={t.what} /></td>
          <td>{t.task ? <TaskLink id={t.task} name={nameOf(t.task)} /> : ""}</td>
        </tr>
      ))}
    </Section>
  );
}

function Threads(list: ListProps) {
  const { nameOf } = list;
  const [a, problem] = useList<{ threads: { task?: number; site: Site; since: string }[] }>(list, "threads");
  return (
    <Section title="Threads (ToThread)" none="None is at work." heads={["Function", "For", "Task"]} page={a} problem={problem}>
      {a?.threads.map((t) => (
        <tr>
          <td class="mono" title={label(place(t.site.file ?? "", t.site.line ?? 0), 300)}>{visible(t.site.function ?? "")}</td>
          <td>{between(t.since, a.at)}</td>
          <td>{t.task ? <TaskLink id={t.task} name={nameOf(t.task)} /> : "nobody waits for it any more"}</td>
        </tr>
      ))}
    </Section>
  );
}

function Descriptors(list: ListProps) {
  const [a, problem] = useList<{ descriptors: { fd: number; what: string }[] }>(list, "descriptors");
  return (
    <Section title="Descriptors" none="None is watched." heads={["Number", "What"]} page={a} problem={problem}>
      {a?.descriptors.map((d) => <tr><td>{d.fd}</td><td><Name text={d.what} /></td></tr>)}
    </Section>
  );
}

function useList<T>({ loop, asks }: ListProps, what: string) {
  return usePolled<T & Page>(pathOf(loop, what), every, asks);
}

function pathOf(loop: number, what: string): string {
  return `api/v1/loops/${loop}/${what}?limit=${rows}`;
}

/** between is the time from a to b, for people; nothing where it is over. */
function between(a: string, b: string): string {
  return duration(Math.max(0, (Date.parse(b) - Date.parse(a)) * 1e6));
}

interface SectionProps {
  title: string;
  none: string;
  heads: string[];
  page: Page | null;
  problem: string;
  children?: ComponentChildren;
}

function Section({ title, none, heads, page, problem, children }: SectionProps) {
  return (
    <section class="card" aria-label={title}>
      <h3>{title} {page && <span class="faint">{count(page.total)}</span>}</h3>
      {problem && <p class="faint" role="status">{label(problem, 200)}</p>}
      {page && page.total === 0 && <p class="faint">{none}</p>}
      {page && page.total > 0 && (
        <div class="scroller" tabIndex={0} role="group" aria-label={`${title}, as a table`}>
          <table>
            <thead><tr>{heads.map((h) => <th scope="col">{h}</th>)}</tr></thead>
            <tbody>{children}</tbody>
          </table>
        </div>
      )}
      {page && page.total > rows && <p class="faint">and {count(page.total - rows)} more</p>}
    </section>
  );
}
