// What the program is asked for again and again while somebody looks at it.

import { useEffect, useState } from "preact/hooks";
import { get } from "./api.ts";

/** usePolled is the last answer to path, and what is wrong where the last question had none. */
export function usePolled<T>(path: string, every: number): [T | null, string] {
  const [answer, set] = useState<T | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const ask = async () => {
      try {
        if (path) set(await get<T>(path));
        setProblem("");
      } catch (e) {
        setProblem(e instanceof Error ? e.message : String(e));
      }
      if (!over) timer = setTimeout(() => void ask(), every);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [path, every]);
  return [answer, problem];
}
