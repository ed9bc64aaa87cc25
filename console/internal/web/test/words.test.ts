import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../src/loop/history.ts";
import { next } from "../src/loop/moments.ts";
import { plain, sentence } from "../src/loop/words.ts";
import { slowStep } from "../src/spans.ts";
import { fixture, fixtures, lines, read } from "./kit.ts";

function story(h: History): string[] {
  const told: string[] = [];
  for (let p = h.first; p < h.length; ) {
    p = next(h, p);
    told.push(plain(sentence(h, p, slowStep)));
  }
  return told;
}

test("the waiting lesson is told so that one understands it", () => {
  const told = story(new History(read(fixture("tutorial-waiting")).recording));
  const beginning = [
    /^The loop begins with its first task, main\. It stands in the queue\.$/,
    /^The loop takes the next of the queue: main begins\.$/,
    /^main starts a new task, (Task )?A\. It does not run yet: it joins the end of the queue\.$/,
    /^main starts a new task, (Task )?B\./,
    /^main waits for the 2 tasks of a group\. The loop is free for the next of the queue\.$/,
    /^The loop takes the next of the queue: (Task )?A begins\.$/,
    /^(Task )?A waits .*sleep.*The loop is free for the next of the queue\.$/,
    /^The loop takes the next of the queue: (Task )?B begins\.$/,
    /^(Task )?B waits .*sleep.*The loop is free\.$/,
    /^Everybody waits\. The loop asks the operating system to wake it in 1 s, when the first timer is due\.$/,
  ];
  beginning.forEach((want, i) => assert.match(told[i] as string, want));
  assert.match(told[told.length - 1] as string, /main has done its work and ends\. The run is over\.$/);
});

test("a step that keeps the loop is told with those whom it holds up", () => {
  const told = story(new History(read(fixture("tutorial-blocking")).recording));
  assert.ok(told.some((s) => /It keeps the loop for 2 s: (Task )?B is ready, but cannot run\./.test(s)), told.join("\n"));
});

test("each event of each recording has a sentence, and none has holes", () => {
  for (const name of fixtures) {
    const h = new History(read(fixture(name)).recording);
    for (let k = h.first; k <= h.length; k++) {
      const text = plain(sentence(h, k, slowStep));
      assert.match(text, /^\S.*[^ ]$/s, `${name}, event ${k}`);
      assert.doesNotMatch(text, /undefined|NaN|\[object| {2}|\.\./, `${name}, event ${k}`);
    }
  }
});

const cases: [string, number[][], RegExp][] = [
  ["who gives way", [[0, 0, 1], [1, 1, 1], [2, 4, 1, 2]], /^A gives way to the others and queues up again\.$/],
  ["who is cancelled, and by whom", [[0, 0, 1], [0, 0, 2, 1], [1, 1, 2], [1, 3, 2, 1], [1, 1, 1], [2, 4, 2, 1, 1]], /^The wait of B is cancelled by A\. It joins the queue, to clean up\.$/],
  ["who is woken by a task", [[0, 0, 1], [0, 0, 2, 1], [1, 1, 2], [1, 3, 2, 1], [1, 1, 1], [2, 4, 2, 0, 1]], /^B is ready again: it joins the end of the queue\. It was woken by A\.$/],
  ["who is woken from outside", [[0, 0, 1], [1, 1, 1], [1, 3, 1, 1], [2, 4, 1, 0, 0, 2]], /^A is ready again: .* woken by another goroutine\.$/],
  ["the end of a sleep, which the loop's own timer tells", [[0, 0, 1], [1, 1, 1], [1, 3, 1, 4, 0, 5], [5, 2, 0, 5], [5, 4, 1, 0, 0, 6]], /^The sleep of A is over\. It is ready again/],
  ["the end of a group", [[0, 0, 1], [1, 1, 1], [1, 3, 1, 7], [5, 4, 1, 0, 0, 8]], /^The last task of the group has ended\. A is ready again/],
  ["a deadline of a wait", [[0, 0, 1], [1, 1, 1], [1, 3, 1, 1, 0, 2_000_000_001]], /^A waits for Queue\.Get, for at most 2 s\./],
  ["a failure", [[0, 0, 1], [1, 1, 1], [2, 5, 1, 4, 3]], /^A has ended with an error: disk full/],
  ["a panic", [[0, 0, 1], [1, 1, 1], [2, 5, 1, 6]], /^A has panicked\./],
  ["a task that is started at once", [[0, 0, 1], [1, 1, 1], [1, 0, 2, 1], [2, 1, 2]], /^A lets its new task B begin at once\.$/],
  ["a callback", [[0, 2, 0, 1]], /^The loop calls a function: Queue\.Get\.$/],
  ["a loop that nobody can wake by time", [[0, 0, 1], [1, 1, 1], [1, 3, 1, 1], [2, 6]], /no timer is set.*from outside\.$/],
];
for (const [name, events, want] of cases) {
  test(`the sentence tells ${name}`, () => {
    const text = lines({ tasks: [{ id: 1, name: "A" }, { id: 2, name: "B" }], strings: ["Queue.Get", "another goroutine", "disk full", "sleep", "the end of a sleep", "the callback the end of a sleep", "the 2 tasks of a group", "the callback the end of a task of a group"], events });
    const h = new History(read(text).recording);
    assert.match(plain(sentence(h, h.length, slowStep)), want);
  });
}

test("names from the program stay apart from the sentence", () => {
  const text = lines({ tasks: [{ id: 1, name: "<b>\u202eevil" }], events: [[0, 0, 1], [1, 1, 1]] });
  const parts = sentence(new History(read(text).recording), 2, slowStep);
  assert.ok(parts.some((p) => typeof p !== "string" && "name" in p && p.name === "<b>\u202eevil"));
  assert.ok(parts.every((p) => typeof p !== "string" || !p.includes("evil")));
});
