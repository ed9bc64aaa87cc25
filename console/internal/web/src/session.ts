// A Session is what the page looks at: a loop of the program that serves the page, or
// a recording from a file. Views draw from it and never fetch streams of their own.

import { api, ApiError, type LoopInfo, type Program, type Warning } from "./api.ts";
import { Recording, type Detail } from "./recording.ts";
import { takeSeat } from "./seats.ts";
import { Polls } from "./series.ts";
import { Spans } from "./spans.ts";
import { Store } from "./store.ts";

/** What is known of the connection to the program. "file": there is none. */
export type Connection = "connecting" | "live" | "lost" | "refused" | "over" | "file";

const keep = 1_500_000; // events of a live stream, before the older half is forgotten

export class Session extends Store {
  recording = new Recording();
  spans = new Spans(this.recording);
  connection: Connection = "connecting";
  program: Program | null = null;
  warnings: Warning[] = [];
  /** polls is how the loop fared while this page looked. */
  polls = new Polls();
  /** title names what is shown: the program, or the file. */
  title = "";
  problem = "";
  /** note is what else is to be said of a file that was opened. */
  note = "";
  /** crowded tells that other tabs have all the streams that a browser allows. */
  crowded = false;
  /** gone tells that the program did not answer when it was asked last. */
  gone = false;
  detail: Detail;
  private stream: EventSource | null = null;
  private leave = () => {}; // gives the seat of the stream back
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private watched = 0; // the loop that polls and warnings are of

  private constructor(
    readonly loop: number,
    detail: Detail,
  ) {
    super();
    this.detail = detail;
  }

  /** live watches a loop of the program that serves the page; 0 is its first. */
  static live(loop: number, detail: Detail = "stacks"): Session {
    const s = new Session(loop, detail);
    void s.poll();
    return s;
  }

  /** file shows a recording that is complete. */
  static file(title: string, text: string): Session {
    const s = new Session(0, "exact");
    s.connection = "file";
    s.title = title;
    s.recording.addText(text);
    s.spans.update();
    if (!s.recording.header) s.problem = s.recording.problem || "The file is empty.";
    return s;
  }

  get info(): LoopInfo | undefined {
    const loops = this.program?.loops ?? [];
    return loops.find((l) => l.number === this.number) ?? (this.loop ? undefined : loops[0]);
  }

  /** number is that of the loop which is shown. */
  get number(): number {
    return this.loop || this.program?.loops.find((l) => l.state !== "ended")?.number || this.program?.loops[0]?.number || 0;
  }

  get isLive(): boolean {
    return this.connection !== "file";
  }

  get isBlocked(): boolean {
    return this.recording.blocked !== null || this.info?.state === "blocked";
  }

  /** follows tells that more may come of the loop that is shown. */
  get follows(): boolean {
    return this.connection === "live" && !this.recording.ended;
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.hangUp();
  }

  private async poll(): Promise<void> {
    try {
      this.program = await api.program();
      if (this.closed) return;
      this.title = this.program.program;
      this.gone = false;
      this.connection = this.info?.state === "ended" ? "over" : "live";
      await this.look();
      if (!this.stream && this.info && this.info.state !== "ended") await this.open();
    } catch (e) {
      this.failed(e);
    }
    if (this.closed) return;
    this.changed();
    this.timer = setTimeout(() => void this.poll(), this.connection === "live" ? 1000 : 3000);
  }

  /** look asks for what is only known while somebody looks. */
  private async look(): Promise<void> {
    const loop = this.number;
    if (!this.info || this.info.state === "ended") return;
    if (loop !== this.watched) [this.watched, this.polls, this.warnings] = [loop, new Polls(), []];
    const [warnings, histograms] = await Promise.allSettled([api.warnings(loop), api.histograms(loop)]);
    if (warnings.status === "fulfilled") this.warnings = warnings.value.warnings ?? [];
    const { stats } = this.info;
    if (stats) this.polls.take(stats, histograms.status === "fulfilled" ? histograms.value : null);
  }

  private failed(e: unknown): void {
    const status = e instanceof ApiError ? e.status : 0;
    this.problem = e instanceof Error ? e.message : String(e);
    if (status === 401 || status === 403) this.connection = "refused";
    else if (status === 0) {
      this.gone = true;
      this.connection = this.recording.ended ? "over" : "lost";
    }
    // A stream that does not end is that of a program that was stopped, and may go on.
    if (this.connection === "refused") this.hangUp();
  }

  /** setDetail changes how exactly the loop writes down what it does. The picture begins anew. */
  setDetail(detail: Detail): void {
    this.detail = detail;
    this.hangUp();
    if (this.connection === "live") void this.open();
    this.changed();
  }

  private async open(): Promise<void> {
    const leave = await takeSeat();
    this.crowded = leave === null;
    if (!leave) return;
    if (this.closed || this.stream) return leave();
    this.leave = leave;
    const stream = new EventSource(`api/v1/loops/${this.number}/stream?detail=${this.detail}`);
    this.stream = stream;
    stream.onmessage = (m) => this.receive(String(m.data));
    // The browser's own reconnection would begin a second recording inside this one;
    // poll opens a new stream when the program answers again.
    stream.onerror = () => this.hangUp();
  }

  private hangUp(): void {
    this.stream?.close();
    this.stream = null;
    this.leave();
    this.leave = () => {};
  }

  private receive(line: string): void {
    if (line.startsWith('{"format"') || line.includes('"format":"asyncio-recording"')) {
      if (this.recording.header) this.restart();
    }
    this.recording.addLine(line);
    if (this.recording.length > keep) this.forget();
    this.spans.update();
    if (this.recording.ended || this.recording.problem) this.hangUp();
    this.changed();
  }

  /** restart begins a new recording: indexes of strings and stacks begin again. */
  private restart(): void {
    this.recording = new Recording();
    this.spans = new Spans(this.recording);
  }

  private forget(): void {
    this.recording.forget(keep / 2);
    const spans = new Spans(this.recording);
    spans.follow(this.spans);
    this.spans = spans;
    this.recording.forgetTasks((id) => spans.byTask.has(id));
  }
}
