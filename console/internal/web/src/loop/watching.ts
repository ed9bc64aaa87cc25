// Who looks at a recording has one place in it, which all views share: to go from the
// loop to the tree and back is to look at the same moment.

import { History } from "./history.ts";
import { Player } from "./player.ts";
import { single } from "./tracks.ts";
import type { Recording } from "../recording.ts";

export interface Watching {
  readonly history: History;
  readonly player: Player;
  /** left is where a live player was when nobody answered any more: it goes on from there if nobody has moved it. */
  left: number;
}

const all = new WeakMap<Recording, Watching>();

/** watching is the place of a session's recording, brought up to what has come meanwhile. */
export function watching(session: { recording: Recording; follows: boolean; isLive: boolean }): Watching {
  let w = all.get(session.recording);
  if (!w) {
    const history = new History(session.recording);
    w = { history, player: new Player(single(history)), left: -1 };
    w.player.live = session.isLive;
    all.set(session.recording, w);
  }
  const { history, player } = w;
  history.follow();
  if (player.live) {
    player.seek(player.track.tail ?? player.track.last, session.follows);
    w.left = session.follows ? -1 : player.p;
  } else if (session.follows && w.left === player.p) player.follow();
  else if (player.p < history.first) player.seek(history.first); // what was looked at is forgotten
  return w;
}
