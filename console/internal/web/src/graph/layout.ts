// Where the tasks stand in the picture of who waits for whom.

import type * as Dagre from "@dagrejs/dagre";

export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly on: string;
}

export interface Graph {
  readonly edges: readonly Edge[];
  readonly cycles: readonly (readonly number[])[];
  readonly names: Readonly<Record<string, string>>;
  readonly truncated?: boolean;
}

export interface Placed {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly { id: number; x: number; y: number; bad: boolean }[];
  readonly lines: readonly { edge: Edge; points: readonly { x: number; y: number }[]; bad: boolean }[];
  readonly hidden: number; // edges that are not drawn
}

export const nodeWidth = 150;
export const nodeHeight = 34;

// More edges than this are no picture any more, and take long to lay out.
const most = 150;

/** inCycles are the edges that are part of a cycle, as "from>to". */
export function inCycles(cycles: Graph["cycles"]): Set<string> {
  const bad = new Set<string>();
  for (const c of cycles) c.forEach((from, i) => bad.add(`${from}>${c[(i + 1) % c.length]}`));
  return bad;
}

/** library loads what lays graphs out, when it is first needed: it is a quarter of the page. */
export function library(): Promise<typeof Dagre> {
  return import("@dagrejs/dagre");
}

/** place lays a graph out, those edges first that are part of a cycle. */
export function place({ graphlib, layout }: typeof Dagre, g: Graph): Placed {
  const bad = inCycles(g.cycles);
  const isBad = (e: Edge) => bad.has(`${e.from}>${e.to}`);
  const sorted = [...g.edges].sort((a, b) => Number(isBad(b)) - Number(isBad(a)));
  const drawn = sorted.slice(0, most);
  const made = new graphlib.Graph({ multigraph: true });
  made.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 90, marginx: 10, marginy: 10 });
  made.setDefaultEdgeLabel(() => ({}));
  for (const e of drawn) {
    for (const id of [e.from, e.to]) made.setNode(String(id), { width: nodeWidth, height: nodeHeight });
    made.setEdge(String(e.from), String(e.to), { width: 80, height: 16 }, e.on);
  }
  layout(made);
  const badNodes = new Set(g.cycles.flat());
  return {
    width: made.graph().width ?? 0,
    height: made.graph().height ?? 0,
    nodes: made.nodes().map((id) => ({ id: Number(id), x: made.node(id).x, y: made.node(id).y, bad: badNodes.has(Number(id)) })),
    lines: drawn.map((edge) => ({ edge, points: made.edge(String(edge.from), String(edge.to), edge.on).points, bad: isBad(edge) })),
    hidden: g.edges.length - drawn.length,
  };
}
