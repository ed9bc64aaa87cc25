import assert from "node:assert/strict";
import { test } from "node:test";
import { count, duration, label, many, place, shorten, visible } from "../src/text.ts";

test("control characters are shown by their names", () => {
  assert.equal(visible("a\u0000b\u001b[31m\u007f\n"), "a\u2039NUL\u203ab\u2039ESC\u203a[31m\u2039DEL\u203a\u2039LF\u203a");
});

test("marks that turn the direction of writing are shown by their numbers", () => {
  assert.equal(visible("user\u202etxt.exe"), "user\u2039U+202E\u203atxt.exe");
  assert.equal(visible("\u2066\u200f\ufeff"), "\u2039U+2066\u203a\u2039U+200F\u203a\u2039U+FEFF\u203a");
});

test("halves of characters are shown by their numbers, whole ones are left alone", () => {
  assert.equal(visible("\ud83d"), "\u2039U+D83D\u203a");
  assert.equal(visible("\u{1f600} \u4f60\u597d \u0645"), "\u{1f600} \u4f60\u597d \u0645");
});

test("markup stays what it is: it is only ever a text", () => {
  assert.equal(visible("<script>alert(1)</script>"), "<script>alert(1)</script>");
});

test("what is long is cut in the middle, to the length that was asked for", () => {
  assert.equal(shorten("short", 10), "short");
  assert.equal(shorten("0123456789abcdef", 9), "01234\u2026def");
  assert.ok(label("x".repeat(1_000_000)).length <= 80);
});

const durations: [number, string][] = [
  [0, "0 ns"],
  [999, "999 ns"],
  [1_000, "1 µs"],
  [1_234, "1.23 µs"],
  [999_600, "1 ms"],
  [12_345_678, "12.3 ms"],
  [1_000_000_000, "1 s"],
  [5_002_190_425, "5 s"],
  [119.9e9, "2 min 0 s"],
  [135e9, "2 min 15 s"],
  [7200e9, "2 h"],
  [-1500, "\u22121.5 µs"],
  [NaN, "\u2014"],
];

for (const [ns, wants] of durations) test(`${ns} nanoseconds are ${wants}`, () => assert.equal(duration(ns), wants));

test("numbers have commas, nouns their plurals", () => {
  assert.equal(count(1234567), "1,234,567");
  assert.equal(many(1, "task"), "1 task");
  assert.equal(many(100000, "task"), "100,000 tasks");
  assert.equal(many(2, "entry", "entries"), "2 entries");
});

test("a place has its file and the folder it is in", () => {
  assert.equal(place("/home/x/src/program/main.go", 12), "program/main.go:12");
  assert.equal(place("main.go", 0), "main.go");
});
