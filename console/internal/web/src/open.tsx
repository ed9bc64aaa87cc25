// Recordings: opened from a file, dropped on the page, read from an address of this
// server, and saved.

import { useEffect, useRef, useState } from "preact/hooks";
import { fetchRecording } from "./route.ts";
import { Session } from "./session.ts";

export async function openFile(file: File): Promise<Session> {
  return Session.file(file.name, await file.text());
}

export async function openAddress(address: string): Promise<Session> {
  const answer = await fetchRecording(address);
  const name = decodeURIComponent(new URL(address, location.href).pathname.split("/").pop() ?? "") || "recording";
  return Session.file(name, await answer.text());
}

/** useDrop opens files that are dropped anywhere, and tells while one is held above. */
export function useDrop(open: (f: File) => void): boolean {
  const [over, set] = useState(false);
  const latest = useRef(open);
  latest.current = open;
  useEffect(() => {
    const enter = (e: DragEvent) => {
      if (!e.dataTransfer?.types.includes("Files")) return;
      e.preventDefault();
      set(true);
    };
    const leave = (e: DragEvent) => {
      if (e.relatedTarget === null) set(false);
    };
    const drop = (e: DragEvent) => {
      e.preventDefault();
      set(false);
      const file = e.dataTransfer?.files[0];
      if (file) latest.current(file);
    };
    addEventListener("dragover", enter);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", enter);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  return over;
}

export function Opening({ session, onFile }: { session: Session; onFile: (f: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const picked = () => {
    const file = input.current?.files?.[0];
    if (file) onFile(file);
    if (input.current) input.current.value = "";
  };
  return (
    <>
      <input class="hidden" tabIndex={-1} aria-hidden="true" type="file" ref={input} onChange={picked} />
      <button onClick={() => input.current?.click()} title="Open a recording from a file"><span aria-hidden="true">⇪</span><span class="words">Open a recording</span><span class="hidden">Open a recording</span></button>
      {session.connection === "live" && session.number > 0 && (
        <a class="button" href={`api/v1/loops/${session.number}/recording?format=asyncio&detail=stacks&for=5s`} download title="Record the next 5 seconds into a file">
          <span aria-hidden="true">●</span><span class="words">Record 5 s</span><span class="hidden">Record 5 seconds into a file</span>
        </a>
      )}
    </>
  );
}
