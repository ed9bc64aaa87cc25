// The views of the page, in the order of their tabs. A view is a component in a file
// of its own; whoever adds one adds a row here.

import type { ComponentType } from "preact";
import { library } from "./graph/layout.ts";
import { later } from "./later.tsx";
import type { Session } from "./session.ts";
import { GraphView } from "./views/graph.tsx";
import { InUse } from "./views/inuse.tsx";
import { LoopView } from "./views/loop.tsx";
import { Tasks } from "./views/tasks.tsx";
import { Timeline } from "./views/timeline.tsx";
import { TreeView } from "./views/tree.tsx";
import { Warnings } from "./views/warnings.tsx";

export interface ViewProps {
  session: Session;
}

export interface View {
  /** id is its name in the address: #view=id. */
  id: string;
  title: string;
  component: ComponentType<ViewProps>;
  /** live views ask the program itself: a recording has nothing for them. */
  live?: boolean;
  /** flush views scroll by themselves and fill the window. */
  flush?: boolean;
}

const lag = () => import("./views/lag.tsx").then((m) => m.Lag);

/** preload fetches what some views need later, while the program is there to give it. */
export function preload(): void {
  for (const load of [lag, library]) load().catch(() => {}); // the view itself says what is wrong
}

export const views: View[] = [
  { id: "timeline", title: "Timeline", component: Timeline, flush: true },
  { id: "loop", title: "Loop", component: LoopView, flush: true },
  { id: "tree", title: "Tree", component: TreeView, flush: true },
  { id: "graph", title: "Waits", component: GraphView, live: true },
  { id: "tasks", title: "Tasks", component: Tasks, flush: true },
  { id: "inuse", title: "In use", component: InUse, live: true },
  { id: "lag", title: "Lag", component: later(lag) },
  { id: "warnings", title: "Warnings", component: Warnings, live: true },
];
