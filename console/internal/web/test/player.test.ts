import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../src/loop/history.ts";
import { handleKey, Player, speeds, type Track } from "../src/loop/player.ts";
import { single } from "../src/loop/tracks.ts";
import { watching } from "../src/loop/watching.ts";
import { fixture, lines, read } from "./kit.ts";

// track has five stops: the second and the third are a second apart, all others a moment.
const times = [0, 0, 1e9, 1e9, 1e9 + 1000];
const track: Track = {
  first: 0,
  last: 4,
  next: (p) => Math.min(p + 1, 4),
  previous: (p) => Math.max(p - 1, 0),
  time: (p) => times[p] as number,
};

function started(): Player {
  const p = new Player(track);
  p.toggle();
  return p;
}

function pass(p: Player, ms: number): void {
  for (let t = 0; t < ms; t += 50) p.tick(50);
}

test("a player holds each stop so long that one can read, and a second for a second", () => {
  const p = started();
  pass(p, 850);
  assert.equal(p.p, 0);
  pass(p, 50);
  assert.equal(p.p, 1);
  pass(p, 950);
  assert.equal(p.p, 1);
  pass(p, 50);
  assert.equal(p.p, 2);
});

test("the clock flows while the loop stays as it is", () => {
  const p = started();
  pass(p, 900);
  assert.equal(p.clock(), 0);
  pass(p, 500);
  assert.equal(p.clock(), 0.5e9);
  pass(p, 500);
  assert.equal(p.clock(), 1e9);
});

test("twice the speed is half the time", () => {
  const p = started();
  p.speed = 2;
  pass(p, 450);
  assert.equal(p.p, 1);
});

test("at a high speed a frame takes several stops", () => {
  const p = started();
  p.speed = 1024;
  p.tick(16);
  assert.equal(p.p, 4);
  assert.equal(p.playing, false, "and at the end it stops");
});

test("a page that was hidden for an hour goes on where it was", () => {
  const p = started();
  p.tick(3_600_000);
  assert.ok(p.p <= 1);
});

test("at the end play begins again", () => {
  const p = new Player(track);
  p.seek(4);
  p.toggle();
  assert.deepEqual([p.p, p.playing], [0, true]);
});

test("a step, a jump and a pause leave it paused", () => {
  for (const act of [(p: Player) => p.step(), (p: Player) => p.back(), (p: Player) => p.seek(3), (p: Player) => p.toggle()]) {
    const p = started();
    act(p);
    assert.equal(p.playing, false);
  }
});

test("it cannot leave its track", () => {
  const p = new Player(track);
  p.back();
  assert.equal(p.p, 0);
  p.seek(99);
  assert.equal(p.p, 4);
  p.step();
  assert.equal(p.p, 4);
});

test("keys do what buttons do", () => {
  const p = new Player(track);
  const after = (key: string) => (handleKey(p, key), p.p);
  assert.deepEqual(["ArrowRight", "ArrowRight", "ArrowLeft", "End", "Home"].map(after), [1, 2, 1, 4, 0]);
  handleKey(p, " ");
  assert.equal(p.playing, true);
  handleKey(p, "+");
  assert.equal(p.speed, 2);
  for (let i = 0; i < 20; i++) handleKey(p, "+");
  assert.equal(p.speed, speeds[speeds.length - 1]);
  assert.equal(handleKey(p, "x"), false);
});

test("a live player stays at the end until it is paused, and what comes then is kept", () => {
  const { recording } = read(lines({ events: [[0, 0, 1], [1, 1, 1]] }));
  const session = { recording, follows: true, isLive: true };
  const { history, player } = watching(session);
  assert.deepEqual([player.live, player.p], [true, history.length]);
  player.toggle();
  const paused = player.p;
  recording.addText(JSON.stringify({ events: [[2, 0, 2, 1], [3, 5, 1, 3]] }));
  watching(session);
  assert.equal(player.p, paused);
  assert.ok(history.length > paused, "what came meanwhile is there");
  player.step();
  assert.ok(player.p > paused);
  player.seek(history.length, true);
  assert.equal(player.live, true);
});

test("when the loop has ended a live player is at its end, and plays no more", () => {
  const { recording } = read(lines({ events: [[0, 0, 1], [1, 1, 1]] }));
  const { history, player } = watching({ recording, follows: true, isLive: true });
  recording.addText(JSON.stringify({ events: [[3, 5, 1, 3]], ended: { t: 4 } }));
  watching({ recording, follows: false, isLive: true });
  assert.deepEqual([player.live, player.playing, player.p], [false, false, history.length]);
});

test("where the program answers again a live player goes on, unless somebody has moved it", () => {
  const { recording } = read(lines({ events: [[0, 0, 1], [1, 1, 1]] }));
  const at = (follows: boolean) => watching({ recording, follows, isLive: true }).player;
  at(true);
  assert.equal(at(false).live, false);
  assert.equal(at(true).live, true);
  at(false).back();
  assert.equal(at(true).live, false);
});

test("what a paused live player looked at may be forgotten: it is then at what is left", () => {
  const { recording } = read(fixture("servers"));
  const session = { recording, follows: true, isLive: true };
  const { history, player } = watching(session);
  player.seek(2);
  recording.forget(300);
  watching(session);
  assert.equal(player.p, history.first);
});

test("a stop is never a mere mark of where things come from", () => {
  const h = new History(read(fixture("tutorial-waiting")).recording);
  const t = single(h);
  for (let p = t.first; p < t.last; ) {
    p = t.next(p);
    if (p < t.last) assert.ok(![8, 9, 10, 12].includes(h.event(p - 1).kind));
  }
});

test("what the loop does for itself, and a sleep of no time, are no stops", () => {
  const events = [[0, 0, 1], [0, 6, 0, 9], [0, 7], [0, 6, 0, 9], [9, 7], [9, 2, 0, 1], [9, 4, 1, 0, 0, 1], [9, 2, 0, 2]];
  const h = new History(read(lines({ strings: ["the end of a sleep", "main.tick"], events })).recording);
  const stops: number[] = [];
  for (let p = 0; p < h.length; stops.push(p)) p = single(h).next(p);
  assert.deepEqual(stops, [1, 4, 5, 7, 8]);
});

test("a live player shows how things are, not that somebody has asked", () => {
  const { recording } = read(lines({ strings: ["sleep"], events: [[0, 0, 1], [1, 1, 1], [2, 3, 1, 1, 0, 99], [3, 6, 0, 99], [50, 7], [50, 9]] }));
  const { history, player } = watching({ recording, follows: true, isLive: true });
  assert.equal(history.at(player.p).asleep, 99);
  recording.addText(JSON.stringify({ events: [[51, 6, 0, 99], [99, 7], [99, 10], [99, 12, 0, 1], [99, 4, 1]] }));
  watching({ recording, follows: true, isLive: true });
  assert.equal(history.at(player.p).tasks.get(1)?.phase, "ready");
});
