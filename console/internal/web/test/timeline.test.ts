import assert from "node:assert/strict";
import { test } from "node:test";
import { Kind } from "../src/recording.ts";
import { Row, State } from "../src/spans.ts";
import { crowded } from "../src/timeline/controller.ts";
import { detail, hit } from "../src/timeline/detail.ts";
import { clamp, pan, show, zoom } from "../src/timeline/window.ts";
import { sentence, summary } from "../src/timeline/words.ts";
import { fixture, fixtures, lines, read } from "./kit.ts";

interface Drawn {
  bars: { i: number; x: number; width: number }[];
  columns: { x: number; width: number; ran: number; ready: number; held: boolean; stepped: boolean }[];
}

function drawn(row: Row, from: number, to: number, pixels: number, now = Infinity): Drawn {
  const d: Drawn = { bars: [], columns: [] };
  detail(row, { from, to }, pixels, now, {
    bar: (i, x, width) => d.bars.push({ i, x, width }),
    column: (x, width, ran, ready, held, stepped) => d.columns.push({ x, width, ran, ready, held, stepped }),
  });
  return d;
}

/** busy makes a row of n steps of 1 with waits of 9 between them. */
function busy(n: number): Row {
  const row = new Row(1);
  for (let i = 0; i < n; i++) {
    row.enter(State.Running, i * 10);
    row.enter(State.Waiting, i * 10 + 1);
  }
  return row;
}

test("spans that are wide enough are bars at their places", () => {
  const { bars, columns } = drawn(busy(10), 0, 100, 1000);
  assert.equal(columns.length, 0);
  assert.equal(bars.length, 20);
  assert.deepEqual(bars[0], { i: 0, x: 0, width: 10 });
  assert.deepEqual(bars[1], { i: 1, x: 10, width: 90 });
});

test("where many fall into a pixel, columns tell how much of the time was what", () => {
  const { bars, columns } = drawn(busy(100_000), 0, 1_000_000, 500);
  assert.equal(bars.length, 0);
  assert.equal(columns.length, 1, "columns that look alike are one");
  assert.equal(columns[0]?.width, 500);
  assert.equal(columns[0]?.ran, 1 / 8, "a tenth, in eighths, and never less than something");
});

test("a single short step in a long wait is not lost", () => {
  const row = new Row(1);
  row.enter(State.Waiting, 0);
  row.enter(State.Running, 500_000);
  row.enter(State.Waiting, 500_001);
  const { columns } = drawn(row, 0, 1_000_000, 800);
  assert.equal(columns.filter((c) => c.stepped).length, 1);
  assert.equal(columns.find((c) => c.stepped)?.x, 400);
});

test("steps of no time at all are seen: under a virtual clock all are", () => {
  const { spans } = read(lines({ events: [[0, Kind.Created, 1], [1000, Kind.Step, 1], [1000, Kind.Parked, 1], [9000, Kind.Woken, 1], [9000, Kind.Step, 1], [9000, Kind.Done, 1, 3]] }));
  assert.ok(drawn(spans.row(1), 0, 10_000, 100).columns.some((c) => c.stepped && c.x === 10));
});

test("a step that blocks is seen at every width", () => {
  const row = new Row(1);
  row.enter(State.Waiting, 0);
  row.enter(State.Running, 10e9);
  row.enter(State.Waiting, 10.2e9);
  for (const pixels of [10, 100, 1000]) {
    const { bars, columns } = drawn(row, 0, 3600e9, pixels);
    assert.ok(columns.some((c) => c.held) || bars.some((b) => row.isSlow(b.i, Infinity)), `${pixels} pixels`);
  }
});

test("what is drawn of a hundred thousand spans is no more than the pixels can show", () => {
  const row = new Row(1);
  let t = 0;
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let i = 0; i < 100_000; i++) row.enter(i % 3, (t += random() ** 8 * 1e6));
  const { bars, columns } = drawn(row, 0, t, 1000);
  assert.ok(bars.length + columns.length <= 1700, `${bars.length} bars and ${columns.length} columns`);
});

for (const name of fixtures) {
  test(`in ${name} nothing overlaps and nothing is outside, at any zoom`, () => {
    const { recording, spans } = read(fixture(name));
    for (const row of [...spans.rows, spans.loop]) for (const part of [1, 0.1, 0.001]) {
      const from = recording.now * 0.4;
      const d = drawn(row, from, from + recording.now * part, 700, recording.now);
      const all = [...d.bars, ...d.columns].sort((a, b) => a.x - b.x);
      let free = -1;
      for (const r of all) {
        assert.ok(r.x >= free - 1, `${r.x} begins before ${free}`);
        free = r.x + r.width;
      }
      assert.ok(free <= 702);
    }
  });
}

test("nothing is drawn before a task was made, nor after its end, nor after now", () => {
  const { spans } = read(lines({ events: [[100, Kind.Created, 1], [200, Kind.Step, 1], [300, Kind.Done, 1, 3]] }));
  const { bars } = drawn(spans.row(1), 0, 1000, 1000);
  assert.deepEqual(bars.map((b) => [b.x, b.width]), [[100, 100], [200, 100]]);
  assert.deepEqual(drawn(spans.row(1), 0, 1000, 1000, 150).bars.map((b) => [b.x, b.width]), [[100, 50]]);
});

test("a click hits the bar under it, and a narrow step beside it before the wait", () => {
  const row = busy(10);
  assert.equal(hit(row, 0.5, 0.1), 0);
  assert.equal(hit(row, 5, 0.1), 1);
  assert.equal(hit(row, 13, 2), 2, "the step at 10, which is half a pixel wide");
  assert.equal(hit(new Row(1), 5, 1), -1);
});

test("a window stays within what there is, and is never too narrow", () => {
  assert.deepEqual(clamp({ from: -50, to: 50 }, 0, 1000), { from: 0, to: 100 });
  assert.deepEqual(clamp({ from: 950, to: 1050 }, 0, 1000), { from: 900, to: 1000 });
  assert.deepEqual(clamp({ from: -1e9, to: 1e9 }, 0, 1000), { from: 0, to: 1000 });
  assert.deepEqual(clamp({ from: 500, to: 500 }, 0, 1000), { from: 500, to: 600 });
});

test("zooming keeps the moment under the pointer where it is", () => {
  const w = zoom({ from: 0, to: 100 }, 0.5, 25);
  assert.deepEqual(w, { from: 12.5, to: 62.5 });
  assert.equal((25 - w.from) / (w.to - w.from), 0.25);
});

test("panning moves by a part of the width", () => {
  assert.deepEqual(pan({ from: 100, to: 200 }, -0.5), { from: 50, to: 150 });
});

test("what is chosen comes into the window, and what is there stays", () => {
  const w = { from: 100, to: 200 };
  assert.equal(show(w, 120, 130), w);
  const left = show(w, 10, 20);
  assert.ok(left.from <= 10 && left.to >= 20 && left.to - left.from === 100);
  const right = show(w, 300, 320);
  assert.ok(right.from <= 300 && right.to >= 320);
});

test("a sentence tells what a bar says: who, what, since when, how long, why it ended", () => {
  const { recording, spans } = read(fixture("tutorial-waiting"));
  const row = spans.rows.find((r) => recording.name(r.task) === "A");
  assert.ok(row);
  const wait = Array.from({ length: row.length }, (_, i) => i).find((i) => row.state(i) === State.Waiting) ?? -1;
  assert.match(sentence(row, wait, recording), /^A: waiting for .*sleep.* from 181 µs, for 1 s\. It was woken by its time was over\.$|^A: waiting for .*sleep.*, for 1 s\./);
});

test("a summary counts the tasks by their states", () => {
  const { recording, spans } = read(fixture("tutorial-blocking"));
  assert.equal(summary(spans.rows, recording.now / 5), "At 1 s: 1 task running, 1 ready, 1 waiting, 0 ended.");
});

test("tasks that have ended are left out where there are too many: of a live loop when they do not fit, of a recording from sixty on", () => {
  assert.equal(crowded(21, 600, true), false);
  assert.equal(crowded(22, 600, true), true);
  assert.equal(crowded(5, 10, true), false, "a handful is never too many");
  assert.equal(crowded(60, 600, false), false);
  assert.equal(crowded(61, 4000, false), true);
});
