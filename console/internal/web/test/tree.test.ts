import * as dagre from "@dagrejs/dagre";
import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../src/loop/history.ts";
import { apply, newState, type State } from "../src/loop/machine.ts";
import { zonesOf } from "../src/loop/zones.ts";
import { inCycles, place } from "../src/graph/layout.ts";
import { keyMove, Tree } from "../src/tree/model.ts";
import { fixture, fixtures, read } from "./kit.ts";
import { synthetic } from "./synthetic.ts";

// family is a state in which each pair says a task and its parent.
function family(...pairs: [id: number, parent: number][]): State {
  const s = newState();
  for (const [id, parent] of pairs) apply(s, { t: 0, kind: 0, task: id, a: parent, b: 0, c: 0, d: 0 });
  return s;
}
const none = new Map<number, boolean>();
const ids = (rows: { task: { id: number } }[]) => rows.map((r) => r.task.id);

test("children stand under who has started them, in the order of their making", () => {
  const tree = new Tree(family([1, 0], [2, 1], [3, 1], [4, 2]), () => 0);
  const rows = tree.rows(none);
  assert.deepEqual(rows.map((r) => [r.task.id, r.depth, r.place, r.sisters]), [[1, 0, 1, 1], [2, 1, 1, 2], [4, 2, 1, 1], [3, 1, 2, 2]]);
});

test("a task whose parent has ended is at the top, and none is lost", () => {
  for (const name of fixtures) {
    const { recording } = read(fixture(name));
    const h = new History(recording);
    for (let k = 0; k <= h.length; k += 5) {
      const s = h.at(k);
      const rows = new Tree(s, () => 0).rows({ get: () => true });
      assert.equal(rows.length, s.tasks.size);
      assert.equal(new Set(ids(rows)).size, rows.length);
    }
  }
});

test("nonsense about parents makes no circle", () => {
  const tree = new Tree(family([1, 2], [2, 1], [3, 3]), () => 0);
  assert.deepEqual(ids(tree.rows({ get: () => true })), [1, 2, 3]);
});

test("what somebody closes is closed, and the rest stays", () => {
  const tree = new Tree(family([1, 0], [2, 1], [3, 2], [4, 0]), () => 0);
  assert.deepEqual(ids(tree.rows(new Map([[1, false]]))), [1, 4]);
});

test("a task with many children is closed at first", () => {
  const pairs: [number, number][] = [[1, 0], [2, 1]];
  for (let i = 3; i < 103; i++) pairs.push([i, 2]);
  const tree = new Tree(family(...pairs), () => 0);
  assert.equal(tree.rows(none).length, 2, "but what is at the top is open");
  assert.equal(tree.rows(new Map([[2, true]])).length, 102);
});

test("a hundred thousand tasks, and a chain of ten thousand, are made into rows at once", () => {
  const pairs: [number, number][] = [[1, 0]];
  for (let i = 2; i <= 100_000; i++) pairs.push([i, i <= 10_000 ? i - 1 : 1]);
  const tree = new Tree(family(...pairs), () => 0);
  assert.equal(tree.rows({ get: () => true }).length, 100_000);
});

test("a search shows what matches and the way to it", () => {
  const tree = new Tree(family([1, 0], [2, 1], [3, 2], [4, 1], [5, 0]), () => 0);
  assert.deepEqual(ids(tree.only((t) => t.id === 3)), [1, 2, 3]);
  assert.deepEqual(ids(tree.only((t) => t.id === 4 || t.id === 5)), [1, 4, 5]);
  assert.deepEqual(ids(tree.only(() => false)), []);
});

test("the keys of a tree", () => {
  const tree = new Tree(family([1, 0], [2, 1], [3, 2], [4, 1], [5, 0]), () => 0);
  const rows = tree.rows(none); // 1, 2, 3, 4, 5
  assert.deepEqual(keyMove(rows, 0, "ArrowDown", 9), { to: 1 });
  assert.deepEqual(keyMove(rows, 0, "ArrowUp", 9), { to: 0 });
  assert.deepEqual(keyMove(rows, 0, "ArrowRight", 9), { to: 1 }, "into an open one");
  assert.deepEqual(keyMove(rows, 2, "ArrowLeft", 9), { to: 1 }, "out to the parent");
  assert.deepEqual(keyMove(rows, 1, "ArrowLeft", 9), { turn: 2, open: false });
  assert.deepEqual(keyMove(tree.rows(new Map([[1, false]])), 0, "ArrowRight", 9), { turn: 1, open: true });
  assert.deepEqual(keyMove(rows, 2, "ArrowRight", 9), null, "there is nothing to open");
  assert.deepEqual(keyMove(rows, 0, "PageDown", 3), { to: 3 });
  assert.deepEqual(keyMove(rows, 0, "End", 3), { to: 4 });
  assert.deepEqual(keyMove([], 0, "ArrowDown", 3), null);
});

test("the zones of the picture hold everybody once, or count them", () => {
  const r = synthetic(300, 4000);
  const h = new History(r);
  const limits = { ready: 5, groups: 1, perGroup: 4, timers: 3 };
  for (let k = 0; k < h.length; k += 37) {
    const s = h.at(k);
    const z = zonesOf(r, s, limits);
    const shown = z.groups.reduce((n, g) => n + g.count, 0);
    assert.equal(s.running.length + z.readyCount + z.waitingCount, s.tasks.size);
    assert.ok(shown <= z.waitingCount && (z.moreGroups > 0 || shown === z.waitingCount));
    const due = z.timers.map((t) => t.until);
    assert.deepEqual(due, [...due].sort((a, b) => a - b));
    const all = [...s.tasks.values()].filter((t) => t.phase === "waiting" && t.until > 0).map((t) => t.until);
    assert.deepEqual(due, all.sort((a, b) => a - b).slice(0, 3), "the timers that are due first");
    assert.deepEqual(z.ready.map((t) => t.id), [...s.ready].slice(0, 5), "the front of the queue");
  }
});

test("a cycle is marked, edge by edge, and drawn even where most is not", () => {
  const edges = Array.from({ length: 400 }, (_, i) => ({ from: i + 10, to: 1, on: "task" }));
  edges.push({ from: 1, to: 2, on: "Lock" }, { from: 2, to: 1, on: "Lock" });
  const placed = place(dagre, { edges, cycles: [[1, 2]], names: {} });
  assert.deepEqual([...inCycles([[1, 2]])], ["1>2", "2>1"]);
  assert.equal(placed.lines.filter((l) => l.bad).length, 2);
  assert.deepEqual(placed.nodes.filter((n) => n.bad).map((n) => n.id), [1, 2]);
  assert.equal(placed.lines.length + placed.hidden, edges.length);
  for (const n of placed.nodes) assert.ok(n.x >= 0 && n.x <= placed.width && n.y >= 0 && n.y <= placed.height);
});

test("a task that waits for itself is a cycle too", () => {
  const placed = place(dagre, { edges: [{ from: 1, to: 1, on: "Lock" }], cycles: [[1]], names: {} });
  assert.equal(placed.lines[0]?.bad, true);
  assert.ok((placed.lines[0]?.points.length ?? 0) >= 2);
});
