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
