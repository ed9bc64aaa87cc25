// A recording that is read while it is made: its lines come as the run goes on, and the
// answer of the server ends with it.

import { Recording } from "../recording.ts";
import { fetchRecording } from "../route.ts";

export class Growing {
  readonly recording = new Recording();
  /** live tells that the run goes on, or has yet to begin: nobody knows how much will come. */
  live = false;
  /** over tells that everything is there that will come. */
  over = false;
  problem = "";
  readonly done: Promise<void>;
  private readonly stop = new AbortController();
  private heard = 0; // when the last line came, by the page's clock
  private shown = 0;

  constructor(readonly address: string) {
    this.done = this.read();
  }

  close(): void {
    this.stop.abort();
  }

  /** now is how far the run has come: while it goes on, time passes also between two lines. */
  now(): number {
    const r = this.recording;
    if (this.over || !r.header) return r.now;
    const passed = r.header.virtual ? 0 : (performance.now() - this.heard) * 1e6;
    this.shown = Math.max(this.shown, r.now + passed);
    return this.shown;
  }

  private async read(): Promise<void> {
    try {
      const answer = await fetchRecording(this.address, this.stop.signal);
      this.live = !answer.headers.has("Content-Length");
      await this.lines(answer);
      if (!this.recording.header) this.problem = this.recording.problem || "The file is empty.";
    } catch (e) {
      this.problem = this.recording.header ? "The program has ended before the run was over." : e instanceof Error ? e.message : String(e);
    }
    this.over = true;
  }

  private async lines(answer: Response): Promise<void> {
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (rest + (value ?? "")).split("\n");
      rest = done ? "" : (lines.pop() ?? "");
      for (const line of lines) this.recording.addLine(line);
      this.heard = performance.now();
      if (done) return;
    }
  }
}
