// A page with several recordings, which its address names: the frame around the lesson.

import { useEffect, useState } from "preact/hooks";
import { Help } from "../help.tsx";
import { openAddress } from "../open.tsx";
import type { Recording } from "../recording.ts";
import { label } from "../text.ts";
import { ThemeSwitch } from "../themeswitch.tsx";
import { Empty } from "../ui.tsx";
import { Lesson } from "./lesson.tsx";

// More than these nobody can look at side by side.
const most = 4;

export function Comparison({ addresses }: { addresses: readonly string[] }) {
  const [recordings, set] = useState<Recording[] | null>(null);
  const [problem, setProblem] = useState("");
  const key = addresses.join("\n");
  useEffect(() => {
    let over = false;
    const opened = Promise.all(addresses.slice(0, most).map(read));
    opened.then((all) => over || set(all), (e: unknown) => over || setProblem(e instanceof Error ? e.message : String(e)));
    return () => {
      over = true;
    };
  }, [key]);
  useEffect(() => {
    document.title = "Two ways to pause · asyncio console";
  }, []);
  if (problem) return <Empty title="These recordings cannot be shown"><p>{label(problem, 300)}</p></Empty>;
  if (!recordings) return <p class="empty faint" role="status">Loading…</p>;
  return (
    <div class="shell">
      <header class="top">
        <div class="brand"><img src="assets/icon.svg" alt="" /><h1>asyncio tutorial</h1></div>
        <span class="spring" />
        <ThemeSwitch />
        <Help />
      </header>
      <main class="main lessonmain" id="main" tabIndex={-1}><Lesson recordings={recordings} addresses={addresses} /></main>
    </div>
  );
}

async function read(address: string): Promise<Recording> {
  const session = await openAddress(address);
  if (session.problem) throw new Error(`${address}: ${session.problem}`);
  return session.recording;
}
