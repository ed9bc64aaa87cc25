// Who waits for whom, with the circles in which nobody can go on.

import { useEffect, useRef, useState } from "preact/hooks";
import { type Edge, type Graph, library, nodeHeight, nodeWidth, place, type Placed } from "../graph/layout.ts";
import { usePolled } from "../polled.ts";
import { label, many, shorten } from "../text.ts";
import { CannotLoad, Empty, Last, Name, Over, TaskLink } from "../ui.tsx";
import type { ViewProps } from "../views.ts";

export function GraphView({ session }: ViewProps) {
  const [graph, problem] = usePolled<Graph>(`api/v1/loops/${session.number}/graph`, 2000, session.follows);
  const key = graph && JSON.stringify([graph.edges, graph.cycles]);
  const [placed, failed] = usePlaced(graph, key);
  if (!graph && !session.follows) return <Over session={session} what="Who waits for whom" />;
  if (failed) return <CannotLoad />;
  if (!graph || !placed) return <p class="faint" role="status">{problem ? label(problem, 200) : "Loading…"}</p>;
  return (
    <>
      {problem && <p class="faint" role="status">{label(problem, 200)} What is shown was known before.</p>}
      {!session.follows && <Last />}
      <Cycles graph={graph} />
      {graph.edges.length === 0
        ? <Empty title="Nobody waits for anybody"><p>No task waits for another one now, directly or through a lock. Tasks that wait for time, data or a queue are in the other views.</p></Empty>
        : <><Picture graph={graph} placed={placed} /><List graph={graph} hidden={placed.hidden} /></>}
    </>
  );
}

/** usePlaced is the picture of the graph, as soon as it is laid out, or that what lays it out cannot be loaded. key tells graphs apart. */
function usePlaced(graph: Graph | null, key: unknown): [placed: Placed | null, failed: boolean] {
  const [placed, set] = useState<Placed | null>(null);
  const [failed, fail] = useState(false);
  useEffect(() => {
    let over = false;
    if (graph) library().then((dagre) => over || set(place(dagre, graph)), () => fail(true));
    return () => {
      over = true;
    };
  }, [key]);
  return [placed, failed];
}

function nameOf(graph: Graph, id: number): string {
  return graph.names[id] || `Task-${id}`;
}

function Cycles({ graph }: { graph: Graph }) {
  if (graph.cycles.length === 0) return null;
  return (
    <section class="cycles banner bad" role="alert">
      <strong>{graph.cycles.length === 1 ? "A circle of tasks: none of them can go on" : `${graph.cycles.length} circles of tasks: none of them can go on`}</strong>
      <ul>{graph.cycles.slice(0, 10).map((c) => <li><Circle graph={graph} cycle={c} /></li>)}</ul>
      {graph.cycles.length > 10 && <p>and {many(graph.cycles.length - 10, "more circle")}</p>}
    </section>
  );
}

function Circle({ graph, cycle }: { graph: Graph; cycle: readonly number[] }) {
  const shown = cycle.slice(0, 12);
  return (
    <>
      {shown.map((id, i) => {
        const to = cycle[(i + 1) % cycle.length] as number;
        const on = graph.edges.find((e) => e.from === id && e.to === to)?.on;
        return <>{i > 0 && ", "}<TaskLink id={id} name={nameOf(graph, id)} /> waits for <Name text={nameOf(graph, to)} most={30} />{on && <span class="faint"> (<Name text={on} most={50} />)</span>}</>;
      })}
      {cycle.length > shown.length && `, and so on through ${many(cycle.length, "task")}`}.
    </>
  );
}

function Picture({ graph, placed }: { graph: Graph; placed: Placed }) {
  const box = useRef<HTMLDivElement>(null);
  const bad = placed.nodes.find((n) => n.bad);
  useEffect(() => box.current?.scrollTo({ left: (bad?.x ?? 0) - 300, top: (bad?.y ?? 0) - 100 }), [bad?.id, bad?.x, bad?.y]);
  return (
    <div class="graph card" ref={box} tabIndex={0} role="img" aria-label={`Who waits for whom: ${many(graph.edges.length, "wait")}, ${many(graph.cycles.length, "circle")}. The list below tells the same.`}>
      <svg width={placed.width} height={placed.height} viewBox={`0 0 ${placed.width} ${placed.height}`}>
        <defs>
          <marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path class="arrow" d="M0 0L10 5L0 10z" /></marker>
          <marker id="badarrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path class="arrow bad" d="M0 0L10 5L0 10z" /></marker>
        </defs>
        {placed.lines.map((l) => (
          <path class={l.bad ? "edge bad" : "edge"} d={curve(l.points)} marker-end={l.bad ? "url(#badarrow)" : "url(#arrow)"}>
            <title>{sentence(graph, l.edge)}</title>
          </path>
        ))}
        {placed.nodes.map((n) => (
          <g class={n.bad ? "node bad" : "node"} transform={`translate(${n.x - nodeWidth / 2} ${n.y - nodeHeight / 2})`}>
            <title>{label(nameOf(graph, n.id), 200)}</title>
            <rect width={nodeWidth} height={nodeHeight} rx={8} />
            <text x={nodeWidth / 2} y={nodeHeight / 2} dominant-baseline="central" text-anchor="middle">{shorten(label(nameOf(graph, n.id)), 19)}</text>
          </g>
        ))}
      </svg>
    </div>
  );
}

function sentence(graph: Graph, e: Edge): string {
  return `${label(nameOf(graph, e.from))} waits for ${label(nameOf(graph, e.to))}: ${label(e.on)}`;
}

// curve goes through the middles between the points, which takes off the corners.
function curve(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  if (!first || rest.length === 0) return "";
  let d = `M${first.x} ${first.y}`;
  for (let i = 0; i + 1 < rest.length; i++) {
    const [a, b] = [rest[i] as { x: number; y: number }, rest[i + 1] as { x: number; y: number }];
    d += ` Q${a.x} ${a.y} ${(a.x + b.x) / 2} ${(a.y + b.y) / 2}`;
  }
  const end = rest[rest.length - 1] as { x: number; y: number };
  return `${d} L${end.x} ${end.y}`;
}

function List({ graph, hidden }: { graph: Graph; hidden: number }) {
  const shown = graph.edges.slice(0, 200);
  return (
    <section class="waitlist" aria-label="The same as a list">
      <h2>The same as a list</h2>
      <ul>{shown.map((e) => <li><TaskLink id={e.from} name={nameOf(graph, e.from)} /> waits for <TaskLink id={e.to} name={nameOf(graph, e.to)} /> <span class="faint">(<Name text={e.on} most={70} />)</span></li>)}</ul>
      {(graph.truncated || hidden > 0 || graph.edges.length > shown.length) && <p class="faint">{hidden > 0 && `${many(hidden, "wait")} are not drawn. `}{graph.truncated && "There are more than the server tells at once."}</p>}
    </section>
  );
}
