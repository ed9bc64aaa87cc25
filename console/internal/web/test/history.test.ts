import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../src/loop/history.ts";
import { next, previous, together } from "../src/loop/moments.ts";
import { apply, newState, type State } from "../src/loop/machine.ts";
import { Kind, Recording } from "../src/recording.ts";
import { fixture as text, fixtures, lines, read } from "./kit.ts";
import { synthetic } from "./synthetic.ts";

const many = "300 made-up tasks";

function fixture(name: string): Recording {
  return name === many ? synthetic(300, 20_000) : read(text(name)).recording;
}

// shape is a state as something that can be compared, the order of the queue included.
function shape(s: State): unknown {
  return { ...s, tasks: [...s.tasks].sort(([a], [b]) => a - b), ready: [...s.ready] };
}

for (const name of [...fixtures, many]) {
  test(`${name}: the state after k events is the same forwards, backwards and at random`, () => {
    const r = fixture(name);
    const h = new History(r);
    const every = Math.max(1, Math.floor(r.length / 200));
    const wanted = new Map<number, unknown>();
    const plain = newState();
    wanted.set(0, structuredClone(shape(plain)));
    for (let i = 0; i < r.length; i++) {
      apply(plain, r.event(i));
      if ((i + 1) % every === 0 || i + 1 === r.length) wanted.set(i + 1, structuredClone(shape(plain)));
    }
    const ks = [...wanted.keys()];
    for (const k of ks) assert.deepEqual(shape(h.at(k)), wanted.get(k), `forwards to ${k}`);
    for (const k of [...ks].reverse()) assert.deepEqual(shape(h.at(k)), wanted.get(k), `backwards to ${k}`);
    let x = 12345;
    for (let i = 0; i < 200; i++) {
      x = (x * 1103515245 + 12345) % 2147483648;
      const k = ks[x % ks.length] as number;
      assert.deepEqual(shape(h.at(k)), wanted.get(k), `a jump to ${k}`);
    }
  });

  test(`${name}: at most one task runs, nobody is in two places, and in the end nobody is left`, () => {
    const r = fixture(name);
    const h = new History(r);
    for (let k = 0; k <= r.length; k++) {
      const s = h.at(k);
      assert.ok(s.running.length <= 1);
      if (k % 97 !== 0 && k !== r.length) continue;
      for (const t of s.tasks.values()) {
        assert.equal(s.ready.has(t.id), t.phase === "ready", `task ${t.id} after ${k} events`);
        assert.equal(s.running.includes(t.id), t.phase === "running", `task ${t.id} after ${k} events`);
      }
    }
    if (r.ended && !r.ended.error) assert.equal(h.at(r.length).tasks.size, 0);
  });

  test(`${name}: each step is from the front of the queue`, () => {
    const r = fixture(name);
    const h = new History(r);
    for (let k = 0; k < r.length; k++) {
      const e = r.event(k);
      if (e.kind === Kind.Step) assert.equal(h.at(k).ready.values().next().value, e.task, `event ${k}`);
    }
  });

  test(`${name}: stepping to the end and back stops at the same events`, () => {
    const h = new History(fixture(name));
    const there: number[] = [h.first];
    for (let p = h.first; p < h.length; there.push(p)) p = next(h, p);
    assert.equal(there.at(-1), h.length);
    const back: number[] = [h.length];
    for (let p = h.length; p > h.first; back.push(p)) p = previous(h, p);
    assert.deepEqual(back.reverse(), there);
  });
}

test("a history that grows with a live stream is that of the whole recording", () => {
  const whole = new History(fixture("servers"));
  const r = new Recording();
  const h = new History(r);
  for (const line of text("servers").split("\n")) {
    r.addLine(line);
    h.follow();
    assert.deepEqual(shape(h.at(h.length)), shape(whole.at(h.length)));
  }
  assert.equal(h.length, whole.length);
});

test("a live history forgets its oldest events and still knows the states after them", () => {
  const whole = new History(fixture(many));
  const r = fixture(many);
  const h = new History(r);
  r.forget(10_000);
  h.follow();
  assert.ok(h.first >= 10_000 && h.first < 10_400, `it begins at ${h.first}`);
  for (const k of [h.first, h.first + 1, 15_000, h.length]) assert.deepEqual(shape(h.at(k)), shape(whole.at(k)));
  assert.deepEqual(shape(h.at(3)), shape(whole.at(h.first)), "before its beginning there is the beginning");
});

test("events whose beginning was lost make no nonsense", () => {
  const all = fixture("servers");
  for (let from = 1; from < all.length; from += 7) {
    const s = newState();
    for (let i = from; i < all.length; i++) apply(s, all.event(i));
    for (const t of s.tasks.values()) assert.equal(s.ready.has(t.id), t.phase === "ready");
  }
});

test("a task that is started eagerly runs inside the step of the one that starts it", () => {
  const r = read(lines({ strings: ["sleep"], events: [[0, 0, 1], [1, 1, 1], [2, 0, 2, 1], [3, 1, 2], [4, 3, 2, 1, 0, 9], [5, 5, 1, 3]] })).recording;
  const h = new History(r);
  assert.deepEqual(h.at(4).running, [1, 2]);
  assert.deepEqual(h.at(5).running, [1]);
  assert.equal(h.at(5).tasks.get(2)?.until, 9);
  assert.deepEqual([...h.at(6).tasks.keys()], [2]);
});

test("runs that are compared advance together where they do things at the same time", () => {
  const left = new History(fixture("tutorial-blocking"));
  const right = new History(fixture("tutorial-waiting"));
  const moments = together([left, right], 20e6);
  const counts = moments.map((m) => m.counts);
  for (let i = 1; i < counts.length; i++) {
    const [a, b] = [counts[i - 1] as number[], counts[i] as number[]];
    assert.ok(a.every((x, j) => x <= (b[j] as number)) && a.some((x, j) => x < (b[j] as number)), `moment ${i}`);
    assert.ok((moments[i] as { t: number }).t >= (moments[i - 1] as { t: number }).t);
  }
  assert.deepEqual(counts.at(-1), [left.length, right.length]);
  assert.ok((counts[1] as number[]).every((x) => x > 0), "the first step takes both on");
  const at2s = [...moments].reverse().find((m) => m.t < 1.9e9);
  assert.equal(left.at((at2s?.counts as number[])[0] as number).ended, 0, "after 1.9 s nobody has ended on the left");
});

test("a list of what is there after a gap takes the place of what was known", () => {
  const r = read(lines({ strings: ["Lock"], events: [[0, 0, 1], [1, 1, 1], [2, 0, 2, 1], [3, 0, 3, 1]] }, { lost: 9, events: [[9, 20, 1, 2, 1, 4, 70], [9, 20, 3], [9, 1, 3]] })).recording;
  const s = new History(r).latest;
  assert.deepEqual([...s.tasks.values()].map((t) => [t.id, t.phase]), [[1, "waiting"], [3, "running"]]);
  assert.deepEqual([s.running, [...s.ready]], [[3], []]);
  assert.deepEqual([s.tasks.get(1)?.since, s.tasks.get(1)?.until], [4, 70]);
});
