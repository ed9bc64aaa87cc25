import assert from "node:assert/strict";
import { test } from "node:test";
import { takeSeat } from "../src/seats.ts";

/** locks are those of a browser, as far as they are used. */
function locks(): LockManager {
  const held = new Set<string>();
  const request = async (name: string, _: LockOptions, f: (lock: Lock | null) => unknown) => {
    if (held.has(name)) {
      f(null);
      return;
    }
    held.add(name);
    await f({ name, mode: "exclusive" });
    held.delete(name);
  };
  return { request, query: async () => ({}) } as unknown as LockManager;
}

test("tabs share four seats; who leaves one makes room for another", async () => {
  const browser = locks();
  const taken = [];
  for (let i = 0; i < 4; i++) taken.push(await takeSeat(browser));
  assert.ok(taken.every(Boolean));
  assert.equal(await takeSeat(browser), null);
  taken[2]?.();
  await Promise.resolve();
  assert.ok(await takeSeat(browser));
  assert.equal(await takeSeat(browser), null);
});

test("without locks there is always room", async () => {
  assert.ok(await takeSeat(undefined));
});
