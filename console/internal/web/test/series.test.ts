import assert from "node:assert/strict";
import { test } from "node:test";
import type { Histograms, Stats } from "../src/api.ts";
import { add, empty, total } from "../src/histogram.ts";
import { Kind } from "../src/recording.ts";
import { fromSpans, Polls } from "../src/series.ts";
import { State } from "../src/spans.ts";
import { fixture, fixtures, lines, read } from "./kit.ts";

for (const name of fixtures) {
  test(`in ${name} every step and every time in the queue is in a histogram`, () => {
    const { spans } = read(fixture(name));
    const { points, whole } = fromSpans(spans, 50);
    let [steps, queued] = [0, 0];
    for (const row of spans.rows) for (let i = 0; i < row.length; i++) {
      if (row.state(i) === State.Running) steps++;
      if (row.state(i) === State.Ready) queued++;
    }
    assert.equal(points.length, 50);
    assert.equal(total(whole.step), steps);
    assert.equal(total(whole.lag), queued);
  });
}

test("the loop that is blocked for five seconds is busy all the time", () => {
  const { spans } = read(fixture("tutorial-blocking"));
  assert.ok(fromSpans(spans, 20).points.slice(1, -1).every((p) => (p.busy ?? 0) > 99));
});

test("the loop that waits for three seconds is hardly busy", () => {
  const { spans } = read(fixture("tutorial-waiting"));
  assert.ok(fromSpans(spans, 20).points.every((p) => (p.busy ?? 0) < 5));
});

test("the length of the queue is the mean over each stretch", () => {
  const { spans } = read(lines({ events: [[0, Kind.Created, 1], [0, Kind.Created, 2], [50, Kind.Step, 1], [100, Kind.Done, 1, 3], [100, Kind.Step, 2], [200, Kind.Done, 2, 3]] }));
  const { points } = fromSpans(spans, 2);
  assert.deepEqual(points.map((p) => p.ready), [1.5, 0]);
  assert.deepEqual(points.map((p) => p.tasks), [2, 0]);
});

function stats(second: number, busy: number, asleep: number): Stats {
  return { at: new Date(second * 1000).toISOString(), tasks: 3, ready: 1, busy_ns: busy, asleep_ns: asleep } as Stats;
}

function histograms(...durations: number[]): Histograms {
  const h = { lag: empty(), step: empty(), since_ms: 0 };
  for (const d of durations) add(h.lag, d);
  return h;
}

test("polls tell what happened between two looks, not since the beginning", () => {
  const polls = new Polls();
  polls.take(stats(1, 900, 100), histograms(1000));
  polls.take(stats(2, 950, 250), histograms(1000, 9000));
  assert.equal(polls.points[0]?.busy, null);
  assert.equal(polls.points[1]?.busy, 25);
  assert.equal(polls.points[1]?.lagMax, 9000);
});

test("an answer that is no newer than the last one adds nothing: the loop is blocked", () => {
  const polls = new Polls();
  polls.take(stats(1, 0, 0), null);
  polls.take(stats(1, 0, 0), null);
  assert.equal(polls.points.length, 1);
});

test("a page that is open for days keeps a quarter of an hour", () => {
  const polls = new Polls();
  for (let i = 0; i < 5000; i++) polls.take(stats(i + 1, i, i), null);
  assert.equal(polls.points.length, 900);
});
