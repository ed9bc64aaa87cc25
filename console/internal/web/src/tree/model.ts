// The tree of tasks: who has started whom. It is made of the state of a recording, so
// that it can be had at each moment, and follows from nothing else.

import type { State, TaskState } from "../loop/machine.ts";

export interface Row {
  readonly task: TaskState;
  readonly depth: number; // 0 for those at the top
  readonly place: number; // among its sisters, from 1
  readonly sisters: number; // itself included
  readonly children: number;
  readonly open: boolean;
}

// A task is open at first where it is at the top, or where that shows no more children
// than one can look at, down to this depth.
const fewChildren = 30;
const openDepth = 4;

/** Choices are the tasks that somebody has opened or closed. */
export interface Choices {
  get(id: number): boolean | undefined;
}

/** Tree is the tree at one moment. parentOf tells the parent of tasks whose beginning is not in the recording. */
export class Tree {
  private readonly below = new Map<number, TaskState[]>();

  constructor(state: State, parentOf: (id: number) => number) {
    for (const t of state.tasks.values()) {
      const parent = t.parent || parentOf(t.id);
      // Where the parent has ended the task is at the top. A parent is older, so there is no circle.
      const under = parent < t.id && state.tasks.has(parent) ? parent : 0;
      const sisters = this.below.get(under);
      if (sisters) sisters.push(t);
      else this.below.set(under, [t]);
    }
    for (const sisters of this.below.values()) sisters.sort((a, b) => a.id - b.id);
  }

  childrenOf(id: number): readonly TaskState[] {
    return this.below.get(id) ?? [];
  }

  /** rows are those to be seen. */
  rows(choices: Choices): Row[] {
    const out: Row[] = [];
    const todo: { sisters: readonly TaskState[]; next: number }[] = [{ sisters: this.childrenOf(0), next: 0 }];
    for (let level = todo[0]; level; level = todo[todo.length - 1]) {
      const task = level.sisters[level.next];
      if (!task) {
        todo.pop();
        continue;
      }
      level.next++;
      const children = this.childrenOf(task.id);
      const depth = todo.length - 1;
      const open = children.length > 0 && (choices.get(task.id) ?? (depth === 0 || (children.length <= fewChildren && depth < openDepth)));
      out.push({ task, depth, place: level.next, sisters: level.sisters.length, children: children.length, open });
      if (open) todo.push({ sisters: children, next: 0 });
    }
    return out;
  }

  /** only are the rows of tasks that match, and of all above them. */
  only(matches: (t: TaskState) => boolean): Row[] {
    const all = this.rows({ get: () => true });
    const kept: Row[] = [];
    let depth = -1; // of the row that is to be kept because of one below it
    for (let i = all.length - 1; i >= 0; i--) {
      const row = all[i] as Row;
      if (row.depth !== depth && !matches(row.task)) continue;
      kept.push(row);
      depth = row.depth - 1;
    }
    return kept.reverse();
  }
}

/** Move is what a key does in a tree: another row, or one that opens or closes. */
export type Move = { to: number } | { turn: number; open: boolean } | null;

/** keyMove is what a key does when row `at` is the current one, as the ARIA practices have it. */
export function keyMove(rows: readonly Row[], at: number, key: string, page: number): Move {
  const row = rows[at];
  if (!row) return rows.length > 0 && key.startsWith("Arrow") ? { to: 0 } : null;
  switch (key) {
    case "ArrowDown": return { to: Math.min(at + 1, rows.length - 1) };
    case "ArrowUp": return { to: Math.max(at - 1, 0) };
    case "PageDown": return { to: Math.min(at + page, rows.length - 1) };
    case "PageUp": return { to: Math.max(at - page, 0) };
    case "Home": return { to: 0 };
    case "End": return { to: rows.length - 1 };
    case "ArrowRight":
      if (row.children === 0) return null;
      return row.open ? { to: Math.min(at + 1, rows.length - 1) } : { turn: row.task.id, open: true };
    case "ArrowLeft":
      return row.open ? { turn: row.task.id, open: false } : { to: above(rows, at) };
    default: return null;
  }
}

function above(rows: readonly Row[], at: number): number {
  const depth = (rows[at] as Row).depth;
  for (let i = at - 1; i >= 0; i--) if ((rows[i] as Row).depth < depth) return i;
  return at;
}
