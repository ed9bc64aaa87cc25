// Views whose libraries are large are loaded when they are looked at first.

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { CannotLoad } from "./ui.tsx";
import type { ViewProps } from "./views.ts";

/** later makes a view of one that has yet to be loaded. */
export function later(load: () => Promise<ComponentType<ViewProps>>): ComponentType<ViewProps> {
  let loaded: ComponentType<ViewProps> | null = null;
  return function Later(props: ViewProps) {
    const [, done] = useState(false);
    const [failed, fail] = useState(false);
    useEffect(() => {
      if (loaded) return;
      load().then(
        (view) => {
          loaded = view;
          done(true);
        },
        () => fail(true),
      );
    }, []);
    if (loaded) {
      const View = loaded;
      return <View {...props} />;
    }
    if (failed) return <CannotLoad />;
    return <p class="empty faint" role="status">Loading…</p>;
  };
}
