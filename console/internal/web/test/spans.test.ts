import assert from "node:assert/strict";
import { test } from "node:test";
import { Cause, Kind } from "../src/recording.ts";
import { outcome, Spans, State } from "../src/spans.ts";
import { fixture, fixtures, lines, read } from "./kit.ts";

const ms = 1e6;

for (const name of fixtures) {
  test(`in ${name} at most one task runs at a time`, () => {
    const { recording, spans } = read(fixture(name));
    for (let i = 0; i < recording.length; i++) {
      const t = recording.t.at(i);
      const running = spans.rows.filter((r) => {
        const k = r.at(t);
        return r.state(k) === State.Running && r.end(k) > t;
      });
      assert.ok(running.length <= 1, `at ${t} ${running.map((r) => r.task)} run`);
    }
  });

  test(`in ${name} the spans of a task follow each other without holes`, () => {
    const { spans } = read(fixture(name));
    for (const row of spans.rows) for (let i = 1; i < row.length; i++) assert.equal(row.end(i - 1), row.start(i));
  });

  test(`in ${name} sums over stretches are what the spans add up to`, () => {
    const { recording, spans } = read(fixture(name));
    for (const row of spans.rows) {
      const middle = recording.now / 3;
      const [a, b, all] = [row.between(0, middle), row.between(middle, recording.now), row.between(0, recording.now)];
      let ran = 0;
      for (let i = 0; i < row.length; i++) if (row.state(i) === State.Running) ran += row.end(i) - row.start(i);
      assert.ok(Math.abs(all.ran - ran) < 1);
      assert.ok(Math.abs(a.ran + b.ran - all.ran) < 1);
    }
  });
}

const life = lines(
  { tasks: [{ id: 1, name: "main" }, { id: 2, name: "child", parent: 1 }], strings: ["sleep", "its time was over", "boom"] },
  {
    events: [
      [0, Kind.Created, 1],
      [1 * ms, Kind.Step, 1],
      [2 * ms, Kind.Created, 2, 1],
      [3 * ms, Kind.Parked, 1, 1, 0, 50 * ms],
      [4 * ms, Kind.Step, 2],
      [9 * ms, Kind.Woken, 2, Cause.Yield],
      [10 * ms, Kind.Step, 2],
      [12 * ms, Kind.Done, 2, Cause.Failed, 3],
      [12 * ms, Kind.Sleep, 0, 50 * ms],
      [50 * ms, Kind.Awake],
      [51 * ms, Kind.Woken, 1, Cause.Wake, 0, 2],
      [52 * ms, Kind.Step, 1],
      [252 * ms, Kind.Done, 1, Cause.Returned],
    ],
  },
);

test("a task is ready, runs, waits, is ready again, runs and ends", () => {
  const { spans } = read(life);
  const row = spans.row(1);
  assert.deepEqual(Array.from({ length: row.length }, (_, i) => row.state(i)), [State.Ready, State.Running, State.Waiting, State.Ready, State.Running, State.Ended]);
  assert.equal(row.ended, 252 * ms);
});

test("a wait tells what for, until when, and who ended it", () => {
  const { recording, spans } = read(life);
  const wait = spans.row(1).span(2, recording);
  assert.deepEqual([wait.what, wait.until, wait.by, wait.start, wait.end], ["sleep", 50 * ms, "its time was over", 3 * ms, 51 * ms]);
});

test("a task that gives way is ready at once", () => {
  const { spans } = read(life);
  const row = spans.row(2);
  assert.equal(row.state(row.at(9.5 * ms)), State.Ready);
});

test("a task that failed ends with its error", () => {
  const { recording, spans } = read(life);
  const row = spans.row(2);
  assert.equal(row.span(row.length - 1, recording).what, "boom");
  assert.equal(row.span(row.length - 2, recording).cause, Cause.Failed);
});

test("a step of more than a tenth of a second is slow, from its first moment", () => {
  const { spans } = read(life);
  const row = spans.row(1);
  assert.deepEqual(Array.from({ length: row.length }, (_, i) => row.isSlow(i, 252 * ms)), [false, false, false, false, true, false]);
  assert.equal(row.between(0, 300 * ms).held, 200 * ms);
  assert.equal(row.between(52 * ms, 152 * ms).held, 100 * ms);
});

test("a step that lasts becomes slow as time passes", () => {
  const { spans } = read(lines({ events: [[0, Kind.Step, 1]] }));
  assert.equal(spans.row(1).isSlow(0, 50 * ms), false);
  assert.equal(spans.row(1).isSlow(0, 150 * ms), true);
  assert.equal(spans.row(1).end(0), Infinity);
});

test("the loop's own row sleeps between its steps and tells of callbacks", () => {
  const { recording, spans } = read(lines({ strings: ["tick"], events: [[0, Kind.Sleep, 0, 10], [10, Kind.Awake], [11, Kind.Callback, 0, 1], [12, Kind.Sleep]] }));
  const states = Array.from({ length: spans.loop.length }, (_, i) => spans.loop.state(i));
  assert.deepEqual(states, [State.Asleep, State.Idle, State.Running, State.Asleep]);
  assert.equal(spans.loop.span(2, recording).what, "tick");
});

test("tasks that were there before have the states they were in", () => {
  const { recording, spans } = read(lines({ strings: ["Lock"], events: [[100, Kind.Exists, 5, State.Waiting, 1, 40, 900], [100, Kind.Exists, 6, State.Ready]] }));
  assert.deepEqual([spans.row(5).lastState, spans.row(5).begin, spans.row(5).span(0, recording).what], [State.Waiting, 40, "Lock"]);
  assert.equal(spans.row(5).span(0, recording).until, 900);
  assert.equal(spans.row(6).lastState, State.Ready);
});

test("where events are missing a task does not run on beside the next", () => {
  const { spans } = read(lines({ events: [[0, Kind.Step, 1]] }, { lost: 3, events: [[9, Kind.Step, 2]] }));
  assert.equal(spans.row(1).lastState, State.Ready);
  assert.equal(spans.row(2).lastState, State.Running);
});

test("events that come piece by piece give the same spans", () => {
  const text = fixture("servers");
  const whole = read(text);
  const { recording, spans } = read("");
  for (const line of text.split("\n")) {
    recording.addLine(line);
    spans.update();
  }
  for (const row of whole.spans.rows) {
    const other = spans.row(row.task);
    assert.deepEqual(Array.from({ length: row.length }, (_, i) => row.span(i, whole.recording)), Array.from({ length: other.length }, (_, i) => other.span(i, recording)));
  }
});

test("what follows a recording whose beginning was forgotten goes on where it was", () => {
  const { recording, spans } = read(life);
  recording.forget(9); // up to and with the sleep: the child has ended by then
  const later = new Spans(recording);
  later.follow(spans);
  later.update();
  assert.deepEqual(later.rows.map((r) => r.task), [1]);
  assert.equal(later.row(1).state(0), State.Waiting);
  assert.equal(later.row(1).ended, 252 * ms);
});

test("a hundred thousand short tasks take a few hundred bytes each", () => {
  const events: number[][] = [];
  for (let i = 1; i <= 100_000; i++) events.push([i * 10, Kind.Created, i], [i * 10 + 1, Kind.Step, i], [i * 10 + 2, Kind.Done, i, Cause.Returned]);
  const { spans } = read(lines({ events }));
  assert.equal(spans.rows.length, 100_000);
  assert.ok(spans.rows.every((r) => r.length === 3 && r.bytes <= 300));
});

const alive = { tasks: [{ id: 1, name: "main" }, { id: 2, name: "b" }, { id: 3, name: "c" }], strings: ["sleep", "Event"] };

test("a step whose end is missing lasts until the gap, and blocks nothing", () => {
  const { spans } = read(lines(alive, { events: [[0, Kind.Created, 2], [1e6, Kind.Step, 2]] }, { lost: 9, events: [[900e6, Kind.Exists, 1, 0, 0, 800e6], [900e6, Kind.Exists, 2, 2, 1, 850e6], [901e6, Kind.Step, 1]] }));
  const row = spans.row(2);
  assert.deepEqual([...Array(row.length).keys()].map((i) => [row.state(i), row.start(i)]), [[State.Ready, 0], [State.Running, 1e6], [State.Ready, 1e6], [State.Waiting, 850e6]]);
  assert.deepEqual(spans.slowBetween(0, 1e9), []);
});

test("who is not on a list of all tasks has ended", () => {
  const { spans, recording } = read(lines(alive, { events: [[0, Kind.Created, 1], [0, Kind.Created, 2, 1], [0, Kind.Created, 3, 1]] }, { lost: 2, events: [[50, Kind.Exists, 1, 2, 1, 10], [50, Kind.Exists, 3, 0, 0, 0], [60, Kind.Step, 3]] }));
  assert.deepEqual([1, 2, 3].map((id) => spans.row(id).lastState), [State.Waiting, State.Ended, State.Running]);
  const gone = spans.row(2);
  assert.match(outcome(gone.span(gone.length - 2, recording).cause), /missing/);
});

test("a list of what is there changes nothing where all is as it was, and time does not fall in any row", () => {
  const { spans } = read(lines(alive, { events: [[0, Kind.Created, 1], [10, Kind.Step, 1], [20, Kind.Parked, 1, 1]] }, { events: [[90, Kind.Exists, 1, 2, 1, 20]] }, { events: [[95, Kind.Woken, 1], [99, Kind.Exists, 1, 0, 0, 5]] }));
  const row = spans.row(1);
  assert.deepEqual([...Array(row.length).keys()].map((i) => row.start(i)), [0, 10, 20, 95]);
});

test("what is forgotten of a stream is forgotten of its tasks too, but for the parents of those that live", () => {
  const { recording } = read(lines({ tasks: [{ id: 1, name: "main" }, { id: 2, name: "b", parent: 1 }, { id: 3, name: "c", parent: 2 }, { id: 4, name: "d", parent: 1 }] }));
  recording.forgetTasks((id) => id === 3);
  assert.deepEqual([...recording.tasks.keys()], [2, 3]);
});
