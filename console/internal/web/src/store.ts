// A Store tells those who listen that it has changed, at most once a frame.

import { useEffect, useState } from "preact/hooks";

export class Store {
  private readonly listeners = new Set<() => void>();
  private scheduled = false;
  /** version counts the changes that were told. */
  version = 0;

  listen(f: () => void): () => void {
    this.listeners.add(f);
    return () => this.listeners.delete(f);
  }

  protected changed(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const tell = () => {
      this.scheduled = false;
      this.version++;
      for (const f of [...this.listeners]) f();
    };
    // A page in the background gets no frames, and must not pile up work either.
    if (typeof requestAnimationFrame === "function" && !document.hidden) requestAnimationFrame(tell);
    else setTimeout(tell, 250);
  }
}

/** useStore draws the component again when the store changes, at most every `every` milliseconds. */
export function useStore(store: Store, every = 0): number {
  const [version, set] = useState(store.version);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const stop = store.listen(() => {
      if (timer !== undefined) return;
      const wait = Math.max(0, last + every - performance.now());
      const draw = () => {
        timer = undefined;
        last = performance.now();
        set(store.version);
      };
      if (wait === 0) draw();
      else timer = setTimeout(draw, wait);
    });
    set(store.version);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [store, every]);
  return version;
}
