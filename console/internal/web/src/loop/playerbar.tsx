// The player's buttons, and the hook that lets it go on with the browser's frames.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useReducer } from "preact/hooks";
import { handleKey, type Player, speeds } from "./player.ts";
import { clockTime } from "./stage.tsx";

/** usePlayer lets a player go on with the browser's frames and hear its keys. The function that it returns draws the component again. */
export function usePlayer(player: Player): () => void {
  const [, draw] = useReducer<number, void>((n) => n + 1, 0);
  // Who sees the player is heard: the keys do not wait for the browser to have drawn it.
  useLayoutEffect(() => {
    let last = performance.now();
    let frame = requestAnimationFrame(function next(now) {
      if (player.tick(now - last)) draw();
      last = now;
      frame = requestAnimationFrame(next);
    });
    const key = (e: KeyboardEvent) => {
      if (!isOurs(e) || !handleKey(player, e.key)) return;
      e.preventDefault();
      draw();
    };
    addEventListener("keydown", key);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("keydown", key);
    };
  }, [player]);
  return draw;
}

// isOurs leaves keys to what has its own use for them: text, lists, buttons, dialogs.
function isOurs(e: KeyboardEvent): boolean {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || !(e.target instanceof Element)) return false;
  if (document.querySelector("dialog[open]") || e.target.closest("[role=tree], select, textarea, input:not([type=range])")) return false;
  return !(e.key === " " && e.target.closest("button, a, summary"));
}

interface BarProps {
  player: Player;
  /** onChange draws what the player now shows. */
  onChange: () => void;
  /** canFollow offers to stay at the end of a live stream. */
  canFollow?: boolean;
  /** total is when what is played ends, in nanoseconds. */
  total: number;
  children?: ComponentChildren;
}

export function PlayerBar({ player, onChange, canFollow, total, children }: BarProps) {
  const does = (f: () => void) => () => {
    f();
    onChange();
  };
  const { track } = player;
  const plays = player.playing || (player.live && canFollow);
  return (
    <div class="player" role="group" aria-label="Player">
      <div class="buttons">
        <Button sign="begin" says="To the beginning (Home)" does={does(() => player.seek(track.first))} off={player.p <= track.first} />
        <Button sign="back" says="One step back (←)" does={does(() => player.back())} off={player.p <= track.first} />
        <button class="play" onClick={does(() => player.toggle())} title="Space">{plays ? <><Sign of="pause" /> Pause</> : <><Sign of="play" /> Play</>}</button>
        <Button sign="forward" says="One step forward (→)" does={does(() => player.step())} off={player.atEnd} />
        <Button sign="end" says="To the end (End)" does={does(() => player.seek(track.last))} off={player.atEnd} />
        {canFollow && <button aria-pressed={player.live} onClick={does(() => (player.live ? player.toggle() : player.follow()))}>Live</button>}
      </div>
      <input type="range" aria-label="Position" min={track.first} max={track.last} step={1} value={player.p}
        aria-valuetext={`${clockTime(player.clock())} of ${clockTime(total)}`}
        onInput={(e) => does(() => player.seek(Number(e.currentTarget.value)))()} />
      <output class="clock">{clockTime(player.clock())} <span class="faint">of {clockTime(total)}</span></output>
      <label class="speed"><span class="hidden">Speed</span>
        <select value={String(player.speed)} onChange={(e) => does(() => { player.speed = Number(e.currentTarget.value); })()}>
          {speeds.map((s) => <option value={String(s)}>{s}×</option>)}
        </select>
      </label>
      {children}
    </div>
  );
}

// The signs are drawn: not every system has a font with them.
const signs = {
  begin: "M3 3h2v10H3zM13 3v10L6 8z",
  back: "M12 3v10L4 8z",
  play: "M4 2.5v11L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  forward: "M4 3v10l8-5z",
  end: "M11 3h2v10h-2zM3 3v10l7-5z",
};

function Sign({ of }: { of: keyof typeof signs }) {
  return <svg class="sign" viewBox="0 0 16 16" width="15" height="15" aria-hidden="true"><path d={signs[of]} fill="currentColor" /></svg>;
}

function Button({ sign, says, does, off }: { sign: keyof typeof signs; says: string; does: () => void; off: boolean }) {
  return <button onClick={does} title={says} aria-label={says} disabled={off}><Sign of={sign} /></button>;
}
