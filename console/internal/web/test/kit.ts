// What the tests share.

import { readFileSync } from "node:fs";
import { Recording } from "../src/recording.ts";
import { Spans } from "../src/spans.ts";

export function fixture(name: string): string {
  return readFileSync(`test/fixtures/${name}.ndjson`, "utf8");
}

export function read(text: string): { recording: Recording; spans: Spans } {
  const recording = new Recording();
  recording.addText(text);
  const spans = new Spans(recording);
  spans.update();
  return { recording, spans };
}

export const header = '{"format":"asyncio-recording","version":1,"program":"p","pid":1,"loop":1,"name":"loop","start":"2026-01-01T00:00:00Z","virtual":false,"detail":"exact"}\n';

/** lines makes a recording of some batches. */
export function lines(...batches: object[]): string {
  return header + batches.map((b) => JSON.stringify(b)).join("\n");
}

export const fixtures = ["tutorial-waiting", "tutorial-blocking", "servers", "deadlock"] as const;
