// The table of tasks. Only the rows on the screen are there, so that a hundred thousand
// tasks scroll as ten do; the server sends what is looked at.

import { useEffect, useRef, useState } from "preact/hooks";
import { link } from "../route.ts";
import type { Session } from "../session.ts";
import { count, duration, many, place, visible } from "../text.ts";
import { Found, Name } from "../ui.tsx";
import { source, type Line, type Page, type Query, type Sort } from "./source.ts";

const rowHeight = 34;
const pageSize = 100;

const columns: { sort?: Sort; title: string; class: string; explained: string }[] = [
  { sort: "name", title: "Task", class: "c-name", explained: "The name it was given, or its number" },
  { sort: "state", title: "State", class: "c-state", explained: "Running, ready to run, or waiting" },
  { title: "Waits for", class: "c-what", explained: "What must come before it can go on" },
  { sort: "since", title: "For", class: "c-num", explained: "How long it has been in this state" },
  { sort: "steps", title: "Steps", class: "c-num c-wide", explained: "How often it ran, as far as that was watched" },
  { sort: "busy", title: "Ran for", class: "c-num c-wide", explained: "How long it had the loop in all, as far as that was watched" },
  { title: "Made at", class: "c-where c-wide", explained: "The line of the program that made it" },
];

export function TaskTable({ session, chosen }: { session: Session; chosen: number }) {
  const [query, setQuery] = useState<Query>({ q: "", state: "", sort: "id", desc: false, offset: 0, limit: pageSize });
  const [page, setPage] = useState<Page | null>(null);
  const [problem, setProblem] = useState("");
  const [shown, setShown] = useState(query); // what the page was asked with
  const live = session.follows;
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      try {
        const p = await source(session)(query);
        if (over) return;
        setPage(p);
        setShown(query);
        setProblem("");
      } catch (e) {
        if (!over) setProblem(e instanceof Error ? e.message : String(e));
      }
      if (!over && live) timer = setTimeout(() => void load(), 2000);
    };
    timer = setTimeout(() => void load(), page ? 80 : 0); // while one types or scrolls, not each key asks
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [session, query, live]);
  const change = (c: Partial<Query>) => setQuery((q) => ({ ...q, offset: 0, ...c }));
  return (
    <section class="tasktable" aria-label="Tasks">
      <Filters query={query} asked={shown} page={page} live={live} change={change} />
      {problem && <p class="banner warn" role="alert"><strong>The list could not be read.</strong>{visible(problem.slice(0, 300))}</p>}
      {page && <Rows page={page} offset={shown.offset} query={query} chosen={chosen} change={change} />}
    </section>
  );
}

interface FilterProps {
  query: Query;
  /** asked is what page answers. */
  asked: Query;
  page: Page | null;
  live: boolean;
  change: (c: Partial<Query>) => void;
}

function Filters({ query, asked, page, live, change }: FilterProps) {
  const states = live ? ["running", "ready", "waiting"] : ["running", "ready", "waiting", "ended"];
  return (
    <div class="toolbar">
      <label><span class="hidden">Tasks whose name, or what they wait for, contains</span><input type="search" placeholder="Find by name, or by what it waits for" size={34} value={query.q} onInput={(e) => change({ q: e.currentTarget.value })} /></label>
      <label><span class="hidden">State</span>
        <select value={query.state} onChange={(e) => change({ state: e.currentTarget.value })}>
          <option value="">any state</option>
          {states.map((s) => <option value={s}>{s}</option>)}
        </select>
      </label>
      <span class="faint">{page ? (page.matching === page.total ? many(page.total, "task") : `${count(page.matching)} of ${many(page.total, "task")}`) : "…"}{page && page.age > 2000 ? `, as of ${duration(page.age * 1e6)} ago` : ""}</span>
      {page && <Found query={asked.q + asked.state} text={`${count(page.matching)} of ${many(page.total, "task")}`} />}
    </div>
  );
}

interface RowsProps {
  page: Page;
  offset: number;
  query: Query;
  chosen: number;
  change: (c: Partial<Query>) => void;
}

function Rows({ page, offset, query, chosen, change }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const scrolled = () => {
    const top = Math.floor((box.current?.scrollTop ?? 0) / rowHeight);
    const visibleRows = Math.ceil((box.current?.clientHeight ?? 0) / rowHeight);
    // A page holds what is on the screen with a screen's worth on either side.
    const wanted = Math.max(0, top - Math.floor((pageSize - visibleRows) / 2));
    if (top < query.offset || top + visibleRows > query.offset + pageSize || (wanted === 0 && query.offset > 0)) change({ offset: wanted });
  };
  const turn = (sort: Sort) => change({ sort, desc: query.sort === sort ? !query.desc : sort === "steps" || sort === "busy" });
  const after = Math.max(0, page.matching - offset - page.lines.length);
  return (
    <div class="rows card" ref={box} onScroll={scrolled} tabIndex={0} role="region" aria-label="Table of tasks">
      <table aria-rowcount={page.matching + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((c) => (
              <th scope="col" class={c.class} title={c.explained} aria-sort={c.sort === query.sort ? (query.desc ? "descending" : "ascending") : undefined}>
                {c.sort ? <button class="sort" onClick={() => turn(c.sort as Sort)}>{c.title}<span aria-hidden="true">{c.sort === query.sort ? (query.desc ? " ↓" : " ↑") : ""}</span></button> : c.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {offset > 0 && <tr aria-hidden="true"><td class="gap" style={{ height: `${offset * rowHeight}px` }} /></tr>}
          {page.lines.map((l, i) => <TaskLine key={l.id} l={l} index={offset + i + 2} chosen={l.id === chosen} />)}
          {after > 0 && <tr aria-hidden="true"><td class="gap" style={{ height: `${after * rowHeight}px` }} /></tr>}
        </tbody>
      </table>
      {page.matching === 0 && <p class="none faint">No task is like that.</p>}
    </div>
  );
}

/** atLeast marks a count that is less than the truth. */
const atLeast = (l: Line, text: string): string => (l.partial ? `≥ ${text}` : text);

function TaskLine({ l, index, chosen }: { l: Line; index: number; chosen: boolean }) {
  return (
    <tr aria-rowindex={index} class={chosen ? "chosen" : ""}>
      <th scope="row" class="c-name"><a href={link({ view: "tasks", task: l.id })} aria-current={chosen ? "true" : undefined}><Name text={l.name} most={60} /></a></th>
      <td class="c-state"><span class={`state ${l.state.split(",")[0] ?? ""}`}>{visible(l.state)}</span></td>
      <td class="c-what"><Name text={l.waitsFor} most={90} /></td>
      <td class="c-num">{l.age === null ? "—" : duration(l.age)}</td>
      <td class="c-num c-wide">{l.steps === null ? "—" : atLeast(l, count(l.steps))}</td>
      <td class="c-num c-wide">{l.busy === null ? "—" : atLeast(l, duration(l.busy))}</td>
      <td class="c-where c-wide mono" title={visible(`${l.where.file}:${l.where.line}`)}>{l.where.file ? visible(place(l.where.file, l.where.line)) : ""}</td>
    </tr>
  );
}
