import assert from "node:assert/strict";
import { test } from "node:test";
import { Growing } from "../src/lesson/growing.ts";

// serve answers all requests with a body that the test writes, piece by piece.
function serve(headers: Record<string, string> = {}) {
  let to!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (c) => void (to = c) });
  Object.assign(globalThis, { location: new URL("http://127.0.0.1:8765/#") });
  globalThis.fetch = async () => new Response(body, { headers });
  return { write: (text: string | Uint8Array) => to.enqueue(typeof text === "string" ? new TextEncoder().encode(text) : text), end: () => to.close(), cut: () => to.error(new Error("cut")) };
}

const header = (virtual: boolean) => `{"format":"asyncio-recording","version":1,"program":"x","pid":1,"loop":1,"name":"","start":"2026-01-01T00:00:00Z","virtual":${virtual},"detail":"stacks"}\n`;
const settle = () => new Promise((done) => setTimeout(done, 1));

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !what(); i++) await settle();
  assert.ok(what(), String(what));
}

test("a recording grows line by line, wherever the pieces end", async () => {
  const server = serve();
  const g = new Growing("/api/v1/recordings/a");
  const bytes = new TextEncoder().encode(header(true) + '{"tasks":[{"id":1,"name":"é"}],"events":[[5,0,1]]}\n');
  for (const b of bytes) server.write(new Uint8Array([b])); // also in the middle of a letter
  await until(() => g.recording.length === 1);
  assert.equal(g.recording.name(1), "é");
  assert.ok(g.live && !g.over && g.now() === 5);
  server.write('{"ended":{"t":9}}\n');
  server.end();
  await g.done;
  assert.ok(g.over && g.problem === "" && g.recording.ended?.t === 9);
  assert.equal(g.recording.problem, "");
});

test("between two lines time passes, and at the end it is that of the recording", async () => {
  const server = serve();
  const g = new Growing("/a");
  server.write(header(false) + '{"events":[[1000,0,1]]}\n');
  await until(() => g.recording.length === 1);
  await until(() => g.now() > 1000);
  const before = g.now();
  server.write('{"now":1001}\n');
  await settle();
  assert.ok(g.now() >= before, "the clock goes back");
  server.write('{"ended":{"t":2000}}\n');
  server.end();
  await g.done;
  assert.equal(g.now(), 2000);
});

test("a recording of a known length is whole, and not live", async () => {
  const text = header(true) + '{"ended":{"t":1}}\n';
  const server = serve({ "Content-Length": String(text.length) });
  const g = new Growing("/a");
  server.write(text);
  server.end();
  await g.done;
  assert.ok(g.over && !g.live && g.problem === "");
});

test("a program that ends before the run is over is told, and so is what is no recording", async () => {
  const server = serve();
  const g = new Growing("/a");
  server.write(header(false));
  await until(() => g.recording.header !== null);
  server.cut();
  await g.done;
  assert.match(g.problem, /ended before the run was over/);
  const other = serve();
  const none = new Growing("/b");
  other.end();
  await none.done;
  assert.equal(none.problem, "The file is empty.");
  const elsewhere = new Growing("http://example.com/x");
  await elsewhere.done;
  assert.match(elsewhere.problem, /must be on the server of this page/);
});
