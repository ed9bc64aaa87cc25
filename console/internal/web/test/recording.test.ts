import assert from "node:assert/strict";
import { test } from "node:test";
import { Kind, Recording } from "../src/recording.ts";
import { fixture, fixtures, header, lines, read } from "./kit.ts";

for (const name of fixtures) {
  test(`the recording ${name} is understood to its last line`, () => {
    const { recording } = read(fixture(name));
    assert.equal(recording.problem, "");
    assert.ok(recording.header);
    assert.ok(recording.length > 10);
    assert.ok(recording.ended);
    assert.ok(recording.now >= recording.t.at(recording.length - 1));
  });

  test(`time never falls in ${name}`, () => {
    const { recording } = read(fixture(name));
    for (let i = 1; i < recording.length; i++) assert.ok(recording.t.at(i) >= recording.t.at(i - 1));
  });
}

test("a line that comes alone gives what the whole file gives", () => {
  const text = fixture("servers");
  const whole = read(text).recording;
  const piecewise = new Recording();
  for (const line of text.split("\n")) piecewise.addLine(line);
  assert.equal(piecewise.length, whole.length);
  assert.deepEqual(piecewise.event(17), whole.event(17));
  assert.deepEqual([...piecewise.tasks], [...whole.tasks]);
});

test("zeros at the end of an event may be left out", () => {
  const { recording } = read(lines({ events: [[5, Kind.Step, 3]] }));
  assert.deepEqual(recording.event(0), { t: 5, kind: Kind.Step, task: 3, a: 0, b: 0, c: 0, d: 0 });
});

test("tables of a batch are read before its events, wherever they stand in the line", () => {
  const { recording } = read(lines({ events: [[5, Kind.Parked, 1, 1, 1]], strings: ["sleep"], frames: [["main.f", "f.go", 7]], stacks: [[0]] }));
  assert.equal(recording.string(recording.a.at(0)), "sleep");
  assert.deepEqual(recording.stack(recording.b.at(0)), [["main.f", "f.go", 7]]);
});

test("a task that comes again has a new name and keeps the rest", () => {
  const { recording } = read(lines({ tasks: [{ id: 4, name: "a", parent: 2, function: "main.f", file: "f.go", line: 3 }] }, { tasks: [{ id: 4, name: "b" }] }));
  assert.deepEqual(recording.tasks.get(4), { id: 4, name: "b", parent: 2, function: "main.f", file: "f.go", line: 3 });
});

test("time that falls is lifted: searches rely on its order", () => {
  const { recording } = read(lines({ events: [[9, Kind.Step, 1], [4, Kind.Done, 1, 3]] }));
  assert.equal(recording.t.at(1), 9);
});

const nonsense: [name: string, line: string, wants: RegExp][] = [
  ["text that is no JSON", "hello", /Line 3: it is no JSON: hello/],
  ["a line that was cut", '{"strings":["a","b', /Line 3: it is no JSON/],
  ["a list", "[1,2]", /no JSON object/],
  ["an event of words", '{"events":[["a","b"]]}', /no list of numbers/],
  ["an event that is no list", '{"events":[7]}', /no list of numbers/],
  ["a time without end", '{"events":[[1e999,1]]}', /no list of numbers/],
  ["another recording", header, /another recording begins/],
];

for (const [name, line, wants] of nonsense) {
  test(`${name} is told as a problem; what was before it stays, and what comes after it is not believed`, () => {
    const { recording } = read(`${header}{"strings":["first"],"now":5}\n${line}\n{"strings":["second"],"now":77}`);
    assert.match(recording.problem, wants);
    assert.deepEqual(recording.strings, ["", "first"]);
    assert.equal(recording.now, 5);
  });
}

const strangers: [name: string, text: string, wants: RegExp][] = [
  ["another format", '{"format":"x"}', /no recording of a loop/],
  ["any JSON", '{"a":1}\n{"b":2}', /no recording of a loop/],
  ["a version of the future", '{"format":"asyncio-recording","version":2}', /version 2 /],
  ["a Chrome trace", '{"traceEvents":[],"otherData":{}}', /ui\.perfetto\.dev.*\.ndjson/],
  ["a Chrome trace of many lines", '{"displayTimeUnit":"ns","traceEvents":[\n{"ph":"M"},\n', /ui\.perfetto\.dev/],
  ["a picture", "\u0089PNG\r\n\u001a\n\u0000\u0000", /no JSON/],
];

for (const [name, text, wants] of strangers) {
  test(`${name} is no recording, and one is told why`, () => {
    const { recording } = read(text);
    assert.equal(recording.header, null);
    assert.match(recording.problem, wants);
    assert.equal(recording.length, 0);
  });
}

test("references to nowhere give nothing, and do not fail", () => {
  const { recording } = read(lines({ events: [[1, Kind.Parked, 9, 500, 600]] }));
  assert.equal(recording.string(500), "");
  assert.deepEqual(recording.stack(600), []);
  assert.equal(recording.name(9), "Task-9");
  assert.equal(recording.name(0), "");
});

test("events that were lost leave a gap at their place", () => {
  const { recording } = read(lines({ events: [[1, Kind.Step, 1]] }, { lost: 12, events: [[2, Kind.Step, 1]] }));
  assert.deepEqual(recording.gaps, [{ at: 1, from: 1, to: 2, count: 12 }]);
  assert.equal(recording.missing, 12);
});

test("blocked holds until the loop answers, or ends", () => {
  const b = { blocked: { since: 5, task: 2, stack: "goroutine 1" } };
  assert.deepEqual(read(lines(b)).recording.blocked, b.blocked);
  assert.equal(read(lines(b, { blocked: null })).recording.blocked, null);
  assert.equal(read(lines(b, { ended: { t: 9 } })).recording.blocked, null);
});

test("forgetting drops the oldest events and keeps the numbers of the others", () => {
  const { recording } = read(lines({ events: Array.from({ length: 1000 }, (_, i) => [i * 10, Kind.Step, i]) }));
  recording.forget(400);
  assert.equal(recording.length, 600);
  assert.equal(recording.dropped, 400);
  assert.equal(recording.begin, 4000);
  assert.deepEqual(recording.event(0), { t: 4000, kind: Kind.Step, task: 400, a: 0, b: 0, c: 0, d: 0 });
});
