// States of a loop after any number of its events. There are checkpoints: the state
// after k events is always that of the last checkpoint before, and the events from there
// through the one reducer, whichever way the player came.

import { Kind, type Recording } from "../recording.ts";
import { apply, copyState, newState, type State } from "./machine.ts";

// A checkpoint comes after this many events, or after as many as there are tasks: so
// the copies take no more than the events do.
const minDistance = 256;

interface Checkpoint {
  readonly k: number;
  readonly state: State;
}

/** A print is what a task has said, as far as a program records that. */
export interface Print {
  readonly index: number; // of its event
  readonly t: number;
  readonly task: number;
  readonly text: number; // a string of the recording
}

/** History counts events as the recording does: from the beginning of the loop. */
export class History {
  readonly prints: Print[] = [];
  private readonly checkpoints: Checkpoint[];
  private readonly last: State; // after all events that were read
  private read: number;
  private seen: { k: number; state: State } | null = null;

  constructor(readonly recording: Recording) {
    this.read = recording.dropped;
    this.last = newState();
    this.checkpoints = [{ k: this.read, state: newState() }];
    this.follow();
  }

  /** first is the smallest number of events whose state is still known. */
  get first(): number {
    return (this.checkpoints[0] as Checkpoint).k;
  }

  /** length is how many events there have been. */
  get length(): number {
    return this.read;
  }

  /** latest is the state after all events. It is the caller's to read, until follow is called. */
  get latest(): State {
    return this.last;
  }

  /** fullest is when there were most tasks, the first time. */
  fullest = 0;
  private most = 0;

  /** follow takes in what has come to the recording, and lets go of what it has dropped. */
  follow(): void {
    const r = this.recording;
    for (; this.read < r.dropped + r.length; this.read++) this.take();
    while (this.checkpoints.length > 1 && this.first < r.dropped) this.checkpoints.shift();
    let gone = 0;
    while (gone < this.prints.length && (this.prints[gone] as Print).index < this.first) gone++;
    if (gone > 0) this.prints.splice(0, gone);
  }

  private take(): void {
    const i = this.read - this.recording.dropped;
    const e = this.recording.event(i);
    const latest = this.checkpoints[this.checkpoints.length - 1] as Checkpoint;
    if (this.read - latest.k >= Math.max(minDistance, this.last.tasks.size)) {
      this.checkpoints.push({ k: this.read, state: copyState(this.last) });
    }
    if (e.kind === Kind.Said && e.a > 0) this.prints.push({ index: this.read, t: e.t, task: e.task, text: e.a });
    apply(this.last, e);
    if (this.last.tasks.size > this.most) {
      this.most = this.last.tasks.size;
      this.fullest = this.read + 1;
    }
  }

  /** at is the state after k events. It is the caller's to read, until the next call. */
  at(k: number): State {
    k = Math.min(Math.max(k, this.first), this.length);
    const start = this.checkpointOf(k);
    let from = this.seen;
    if (!from || from.k > k || from.k < start.k) from = { k: start.k, state: copyState(start.state) };
    for (; from.k < k; from.k++) apply(from.state, this.recording.event(from.k - this.recording.dropped));
    this.seen = from;
    return from.state;
  }

  private checkpointOf(k: number): Checkpoint {
    let low = 0;
    let high = this.checkpoints.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.checkpoints[middle] as Checkpoint).k <= k) low = middle;
      else high = middle - 1;
    }
    return this.checkpoints[low] as Checkpoint;
  }

  /** event is the one that makes the state after i events that after i+1. */
  event(i: number) {
    return this.recording.event(i - this.recording.dropped);
  }

  /** timeAt is when the state after k events began. */
  timeAt(k: number): number {
    return k > this.first ? this.event(k - 1).t : this.length > this.first ? this.event(this.first).t : 0;
  }

  /** countAt is how many events have come at t or before. */
  countAt(t: number): number {
    let low = this.first;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.event(middle).t <= t) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
