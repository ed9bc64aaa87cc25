// Recordings: opened from a file, dropped on the page, read from an address of this
// server, and saved.

import { useEffect, useRef, useState } from "preact/hooks";
import { fetchRecording } from "./route.ts";
import { Session } from "./session.ts";
import { many } from "./text.ts";

/** openFiles shows the first of some files. What cannot be read is a session too, which says why. */
export async function openFiles(files: readonly File[]): Promise<Session> {
  const [file, ...others] = files;
  if (!file) return Session.file("recording", "");
  try {
    const session = Session.file(file.name, await file.text());
    if (others.length > 0) session.note = `One recording is shown at a time: this is ${file.name}, and ${many(others.length, "other file")} ${others.length > 1 ? "were" : "was"} left out.`;
    return session;
  } catch (e) {
    // A folder, for example, or a file that is larger than a string may be.
    const session = Session.file(file.name, "");
    session.problem = `It cannot be read: ${e instanceof Error ? e.message : String(e)}`;
    return session;
  }
}

export async function openAddress(address: string): Promise<Session> {
  const answer = await fetchRecording(address);
  const name = decodeURIComponent(new URL(address, location.href).pathname.split("/").pop() ?? "") || "recording";
  return Session.file(name, await answer.text());
}

/** useDrop opens files that are dropped anywhere, and tells while one is held above. */
export function useDrop(open: (files: readonly File[]) => void): boolean {
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
      const files = [...(e.dataTransfer?.files ?? [])]; // which is emptied after the event
      if (files.length) latest.current(files);
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

export function Opening({ session, onFiles }: { session: Session; onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const picked = () => {
    const files = [...(input.current?.files ?? [])];
    if (files.length) onFiles(files);
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
