import assert from "node:assert/strict";
import { test } from "node:test";
import { add, empty, quantile, since, total } from "../src/histogram.ts";

function of(...durations: number[]) {
  const h = empty();
  for (const d of durations) add(h, d);
  return h;
}

const places: [ns: number, bucket: number][] = [[0, 0], [-5, 0], [1, 1], [2, 2], [3, 2], [4, 3], [1023, 10], [1024, 11], [1e30, 47]];

for (const [ns, bucket] of places) {
  test(`${ns} ns is counted in bucket ${bucket}: below 2^${bucket}, not below half of it`, () => {
    assert.equal(of(ns).buckets.findIndex((n) => n > 0), bucket);
  });
}

test("a quantile is right up to the width of its bucket", () => {
  const h = empty();
  for (let i = 1; i <= 10_000; i++) add(h, i * 1000);
  for (const q of [0.1, 0.5, 0.9, 0.99]) {
    const exact = q * 10_000_000;
    const got = quantile(h, q);
    assert.ok(got >= exact / 2 && got <= exact * 2, `${q}: ${got}, exactly ${exact}`);
  }
  assert.equal(quantile(h, 1), 10_000_000);
});

test("no quantile is above the longest, and none is known of nothing", () => {
  assert.equal(quantile(of(1000), 0.99), 1000);
  assert.ok(Number.isNaN(quantile(empty(), 0.5)));
});

test("what came since an earlier look is the difference of both", () => {
  const before = of(10, 20, 5000);
  const now = of(10, 20, 5000, 300, 300);
  const fresh = since(now, before);
  assert.equal(total(fresh), 2);
  assert.equal(fresh.sum_ns, 600);
  assert.equal(fresh.max_ns, 512, "the end of its bucket: the longest of all came earlier");
});

test("a new longest is told exactly", () => {
  assert.equal(since(of(10, 777), of(10)).max_ns, 777);
});

test("counting that began anew gives no negative numbers", () => {
  const fresh = since(of(5), of(5, 5, 5));
  assert.ok(fresh.buckets.every((n) => n >= 0));
  assert.ok(fresh.sum_ns >= 0);
});
