// Cards move from where they were to where they are: each is drawn in its new place,
// and an animation begins at the old one. Cards are known by data-card.

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Place {
  x: number;
  y: number;
}

const reduced = typeof matchMedia === "function" ? matchMedia("(prefers-reduced-motion: reduce)") : { matches: false };

// More cards than this do not move: nobody could follow them.
const most = 60;

/** useMoves animates what has moved inside box since the last time that `key` was another. What is new appears slowly, unless all goes fast. */
export function useMoves(box: RefObject<HTMLElement | null>, key: unknown, ms: number): void {
  const before = useRef(new Map<string, Place>());
  useLayoutEffect(() => {
    if (!box.current) return;
    const now = places(box.current);
    if (before.current.size > 0 && !reduced.matches && now.size <= most && ms >= 30) animate(box.current, before.current, now, ms);
    before.current = now;
  }, [key]);
}

function places(box: HTMLElement): Map<string, Place> {
  const origin = box.getBoundingClientRect();
  const found = new Map<string, Place>();
  for (const card of box.querySelectorAll<HTMLElement>("[data-card]")) {
    for (const a of card.getAnimations()) a.cancel();
    const at = card.getBoundingClientRect();
    found.set(card.dataset.card as string, { x: at.left - origin.left, y: at.top - origin.top });
  }
  return found;
}

function animate(box: HTMLElement, before: Map<string, Place>, now: Map<string, Place>, ms: number): void {
  for (const card of box.querySelectorAll<HTMLElement>("[data-card]")) {
    const id = card.dataset.card as string;
    const [from, to] = [before.get(id), now.get(id) as Place];
    if (!from) {
      if (ms > 200) card.animate([{ opacity: 0, transform: "scale(0.8)" }, { opacity: 1, transform: "none" }], { duration: ms, easing: "ease-out" });
      continue;
    }
    const [x, y] = [from.x - to.x, from.y - to.y];
    if (Math.abs(x) < 1 && Math.abs(y) < 1) continue;
    card.animate(
      [{ transform: `translate(${x}px, ${y}px)`, zIndex: 2 }, { transform: `translate(${x / 2}px, ${y / 2 - 8}px) scale(1.04)`, zIndex: 2 }, { transform: "none", zIndex: 2 }],
      { duration: ms, easing: "cubic-bezier(.3,.1,.2,1)" },
    );
  }
}
