import { useEffect, useState } from "preact/hooks";
import { Name } from "../ui.tsx";
import type { Part } from "./words.ts";

/** Sentence shows what happened: names from the program stand out, and cannot turn the line around. */
export function Sentence({ parts }: { parts: readonly Part[] }) {
  return (
    <>
      {parts.map((p) => {
        if (typeof p === "string") return p;
        return "name" in p ? <b><Name text={p.name} most={32} /></b> : <span class="quoted"><Name text={p.quote} most={110} /></span>;
      })}
    </>
  );
}

/** Announce lets screen readers speak a text when it has changed, but not each of a fast sequence. */
export function Announce({ text }: { text: string }) {
  const [spoken, speak] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => speak(text), 400);
    return () => clearTimeout(timer);
  }, [text]);
  return <p class="hidden" role="status" aria-live="polite">{spoken}</p>;
}
