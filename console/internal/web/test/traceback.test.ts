import assert from "node:assert/strict";
import { test } from "node:test";
import { culprit } from "../src/traceback.ts";

const frame = (f: string, at: string) => `${f}\n\t${at} +0x1f\n`;

test("the culprit is the innermost function that is neither the runtime's nor the library's", () => {
  const stack = "goroutine 13 [sleep]:\n" + frame("time.Sleep(0x1312d00)", "/go/src/runtime/time.go:363") +
    frame("github.com/acme/shop/cart.(*Cart).total(0x10d40b916430)", "/src/shop/cart/cart.go:89") +
    frame("main.main.func1({0xc0?, 0x0?})", "/src/shop/main.go:12") +
    frame("github.com/goasyncio/asyncio.(*taskBody[...]).Run(0x10)", "/go/asyncio/step.go:133");
  assert.equal(culprit(stack), "cart.(*Cart).total (cart.go:89)");
});

test("where all is the runtime's there is none", () => {
  assert.equal(culprit("goroutine 1 [select]:\n" + frame("runtime.gopark()", "/go/src/runtime/proc.go:1")), "");
  assert.equal(culprit(""), "");
  assert.equal(culprit("not a traceback\nat all"), "");
});
