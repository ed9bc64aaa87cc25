import assert from "node:assert/strict";
import { test } from "node:test";
import { fromRecording, lineOf, type Query } from "../src/tasks/source.ts";
import { Kind } from "../src/recording.ts";
import { fixture, lines, read } from "./kit.ts";

const all: Query = { q: "", state: "", sort: "id", desc: false, offset: 0, limit: 100 };

const tangled = lines(
  { tasks: [{ id: 1, name: "main" }, { id: 2, name: "plato" }, { id: 3, name: "aristotle" }], strings: ["the 2 tasks of a group", "Lock"] },
  { events: [[0, Kind.Created, 1], [1, Kind.Created, 2], [2, Kind.Created, 3], [3, Kind.Step, 1], [4, Kind.Parked, 1, 1], [5, Kind.Step, 2], [6, Kind.Parked, 2, 2], [7, Kind.Step, 3], [8, Kind.Parked, 3, 2]] },
);

test("tasks that wait tell what for", () => {
  const page = fromRecording(read(tangled), all);
  assert.deepEqual(page.lines.map((l) => [l.name, l.state, l.waitsFor]), [["main", "waiting", "the 2 tasks of a group"], ["plato", "waiting", "Lock"], ["aristotle", "waiting", "Lock"]]);
});

test("tasks are found by their names and by what they wait for", () => {
  const r = read(tangled);
  assert.deepEqual(fromRecording(r, { ...all, q: "PLATO" }).lines.map((l) => l.name), ["plato"]);
  assert.equal(fromRecording(r, { ...all, q: "lock" }).matching, 2);
  assert.equal(fromRecording(r, { ...all, q: "nobody" }).matching, 0);
});

test("tasks are chosen by their state", () => {
  const r = read(fixture("servers"));
  assert.equal(fromRecording(r, { ...all, state: "ended" }).matching, 5);
  assert.equal(fromRecording(r, { ...all, state: "running" }).matching, 0);
});

test("every order is the reverse of the other direction, and those alike are in the order of their numbers", () => {
  const r = read(fixture("servers"));
  for (const sort of ["id", "name", "state", "since", "steps", "busy"] as const) {
    const up = fromRecording(r, { ...all, sort }).lines.map((l) => l.id);
    const down = fromRecording(r, { ...all, sort, desc: true }).lines.map((l) => l.id);
    assert.deepEqual(down, up.toReversed(), sort);
  }
  assert.equal(fromRecording(r, { ...all, sort: "busy", desc: true }).lines[0]?.name, "server");
});

test("a page begins where it is asked to, and has no more than it is asked for", () => {
  const events = Array.from({ length: 1000 }, (_, i) => [i, Kind.Created, i + 1]);
  const page = fromRecording(read(lines({ events })), { ...all, offset: 500, limit: 10 });
  assert.deepEqual(page.lines.map((l) => l.id), [501, 502, 503, 504, 505, 506, 507, 508, 509, 510]);
  assert.equal(page.matching, 1000);
});

test("a row of the server tells how long by the server's clock, not by ours", () => {
  const at = Date.parse("2026-01-01T00:00:10Z");
  const l = lineOf({ id: 1, name: "a", state: "waiting", site: {}, begun: true, since: "2026-01-01T00:00:04Z" }, at);
  assert.equal(l.age, 6e9);
  assert.equal(lineOf({ id: 1, name: "a", state: "ready", site: {}, begun: true }, at).age, null);
});

test("a task that is being cancelled says so beside its state", () => {
  assert.equal(lineOf({ id: 1, name: "a", state: "waiting", ending: true, site: {}, begun: true }, 0).state, "waiting, ending");
});

test("counts that are less than the truth are marked, from the server and from a recording with a gap", () => {
  const row = { id: 1, name: "a", state: "waiting", site: {}, begun: true, steps: 5, busy_ns: 7 };
  assert.equal(lineOf({ ...row, partial: true }, 0).partial, true);
  assert.equal(lineOf(row, 0).partial, false);
  const made = [[1, Kind.Created, 1]];
  assert.equal(fromRecording(read(lines({ events: made })), all).lines[0]?.partial, false);
  assert.equal(fromRecording(read(lines({ events: made }, { lost: 3, events: [[2, Kind.Step, 1]] })), all).lines[0]?.partial, true);
});
