// A player goes through the stops of a track, forwards and backwards. It knows neither
// what is played nor how it looks. Time comes from outside, in milliseconds.

/** A track is what can be played: stops in order, each with a time of the loop's clock. */
export interface Track {
  readonly first: number;
  readonly last: number;
  /** tail is where a live player stays: the last stop that shows how things are. */
  readonly tail?: number;
  next(p: number): number;
  previous(p: number): number;
  /** time is when the stop came, in nanoseconds. */
  time(p: number): number;
}

export const speeds: readonly number[] = [0.25, 0.5, 1, 2, 4, 16, 64, 256, 1024];

// A stop is held for as long as the loop stayed there, but never so briefly that one
// cannot read what happened, nor so long that one thinks that the player has died.
const shortest = 900;
const longest = 2500;

export class Player {
  p: number;
  playing = false;
  speed = 1;
  /** live keeps the player at the last stop, whatever comes. */
  live = false;
  private held = 0; // how long of the stop's time has passed

  constructor(readonly track: Track) {
    this.p = track.first;
  }

  get atEnd(): boolean {
    return this.p >= this.track.last;
  }

  /** hold is for how long the stop is shown at the chosen speed. */
  hold(): number {
    const gap = (this.track.time(this.track.next(this.p)) - this.track.time(this.p)) / 1e6;
    return Math.min(Math.max(gap, shortest), longest) / this.speed;
  }

  /** clock is the time of the loop that is shown: between two stops it flows. */
  clock(): number {
    const from = this.track.time(this.p);
    if (this.held === 0 || this.atEnd) return from;
    const to = this.track.time(this.track.next(this.p));
    return from + (to - from) * Math.min(this.held / this.hold(), 1);
  }

  /** tick lets ms pass and returns whether something else is to be seen. */
  tick(ms: number): boolean {
    if (this.live) return this.follow();
    if (!this.playing || ms <= 0) return false;
    this.held += Math.min(ms, 1000); // a page that was hidden goes on where it was
    for (let hold = this.hold(); this.held >= hold && !this.atEnd; hold = this.hold()) {
      this.held -= hold;
      this.p = this.track.next(this.p);
    }
    if (this.atEnd) {
      this.playing = false;
      this.held = 0;
    }
    return true;
  }

  /** toggle plays or pauses. At the end it plays from the beginning. */
  toggle(): void {
    if (this.live || this.playing) {
      this.live = this.playing = false;
      return;
    }
    if (this.atEnd) this.seek(this.track.first);
    this.playing = !this.atEnd;
  }

  /** follow goes to the tail and stays there. */
  follow(): boolean {
    return this.seek(this.track.tail ?? this.track.last, true);
  }

  step(): void {
    this.seek(this.track.next(this.p));
  }

  back(): void {
    this.seek(this.track.previous(this.p));
  }

  /** seek goes to p and stays there, live or not as before. It returns whether that is elsewhere. */
  seek(p: number, live = false): boolean {
    const to = Math.min(Math.max(p, this.track.first), this.track.last);
    const moved = to !== this.p || this.held !== 0;
    this.p = to;
    this.held = 0;
    this.live = live;
    if (!live) this.playing = false;
    return moved;
  }

  faster(by: number): void {
    const at = speeds.indexOf(this.speed) + by;
    this.speed = speeds[Math.min(Math.max(at, 0), speeds.length - 1)] as number;
  }
}

/** handleKey does what a key stands for, and returns whether it stands for anything. */
export function handleKey(player: Player, key: string): boolean {
  switch (key) {
    case " ": case "k": player.toggle(); return true;
    case "ArrowRight": case "l": player.step(); return true;
    case "ArrowLeft": case "j": player.back(); return true;
    case "Home": player.seek(player.track.first); return true;
    case "End": player.seek(player.track.last); return true;
    case "+": case ">": player.faster(1); return true;
    case "-": case "<": player.faster(-1); return true;
    default: return false;
  }
}
