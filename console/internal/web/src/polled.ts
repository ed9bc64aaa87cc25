// What the program is asked for again and again while somebody looks at it.

import { useEffect, useState } from "preact/hooks";
import { get } from "./api.ts";

// The last answers: who comes back to a view sees what it showed, also when the program has ended.
const answers = new Map<string, unknown>();
const most = 50;

/** answered is the last answer to path, undefined where there has been none. */
export function answered(path: string): unknown {
  return answers.get(path);
}

/** usePolled is the last answer to path, and what is wrong where the last question had none. It asks while there is somebody to answer. */
export function usePolled<T>(path: string, every: number, asks: boolean): [T | null, string] {
  const [, draw] = useState(0);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (!asks) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const ask = async () => {
      try {
        answers.set(path, await get<T>(path));
        if (answers.size > most) answers.delete(answers.keys().next().value as string);
        if (over) return;
        setProblem("");
        draw((n) => n + 1);
      } catch (e) {
        if (over) return;
        setProblem(e instanceof Error ? e.message : String(e));
      }
      timer = setTimeout(() => void ask(), every);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [path, every, asks]);
  return [(answers.get(path) as T | undefined) ?? null, asks ? problem : ""];
}
