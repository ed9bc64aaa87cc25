// A page with several recordings, which its address names: the frame around the lesson.

import { useEffect, useMemo, useReducer } from "preact/hooks";
import { Help } from "../help.tsx";
import { label } from "../text.ts";
import { ThemeSwitch } from "../themeswitch.tsx";
import { Empty, Name } from "../ui.tsx";
import { Growing } from "./growing.ts";
import { Lesson } from "./lesson.tsx";
import { Live } from "./live.tsx";

// More than these nobody can look at side by side.
const most = 4;

/** useGrowing reads recordings, and draws the component ten times a second until they are there. */
function useGrowing(addresses: readonly string[]): readonly Growing[] {
  const [, draw] = useReducer<number, void>((n) => n + 1, 0);
  const runs = useMemo(() => addresses.slice(0, most).map((a) => new Growing(a)), [addresses.join("\n")]);
  useEffect(() => {
    const timer = setInterval(draw, 100);
    void Promise.all(runs.map((r) => r.done)).then(() => {
      clearInterval(timer);
      draw();
    });
    return () => {
      clearInterval(timer);
      for (const r of runs) r.close();
    };
  }, [runs]);
  return runs;
}

export function Comparison({ addresses }: { addresses: readonly string[] }) {
  const runs = useGrowing(addresses);
  const recordings = useMemo(() => runs.map((r) => r.recording), [runs]);
  useEffect(() => {
    document.title = "Side by side · asyncio console";
  }, []);
  const problem = runs.find((r) => r.problem);
  if (problem) return <Empty title="These recordings cannot be shown"><p>{label(`${problem.address}: ${problem.problem}`, 300)}</p></Empty>;
  if (runs.some((r) => !r.over && !r.live)) return <p class="empty faint" role="status">Loading…</p>;
  const over = runs.every((r) => r.over);
  return (
    <div class="shell">
      <header class="top">
        <div class="brand"><img src="assets/icon.svg" alt="" /><h1><Name text={recordings[0]?.header?.program || "asyncio console"} most={44} /></h1></div>
        <span class="spring" />
        <ThemeSwitch />
        <Help />
      </header>
      <main class="main lessonmain" id="main" tabIndex={-1}>
        {over ? <Lesson recordings={recordings} addresses={addresses} seen={runs.some((r) => r.live)} /> : <Live runs={runs} />}
      </main>
    </div>
  );
}
