// The lines of the program that run, where the recording brings the text along, and
// who is where in it.

import { useEffect, useRef } from "preact/hooks";
import type { Recording } from "../recording.ts";
import { visible } from "../text.ts";
import { markOf } from "./cards.tsx";
import type { State } from "./machine.ts";
import { placeOf } from "./place.ts";

interface At {
  id: number;
  runs: boolean;
}

interface CodeProps {
  recording: Recording;
  state: State;
  blocks: boolean;
}

export function Code({ recording, state, blocks }: CodeProps) {
  const where = new Map<string, At[]>();
  for (const t of state.tasks.values()) {
    const place = placeOf(recording, t.stack);
    if (!place?.known) continue;
    const key = `${place.file}:${place.line}`;
    const at = where.get(key) ?? [];
    at.push({ id: t.id, runs: t.id === state.running.at(-1) });
    where.set(key, at);
  }
  return <>{Object.entries(recording.header?.sources ?? {}).map(([file, text]) => <File key={file} file={file} text={text} where={where} recording={recording} blocks={blocks} />)}</>;
}

function File({ file, text, where, recording, blocks }: { file: string; text: string; where: Map<string, At[]>; recording: Recording; blocks: boolean }) {
  const lines = text.trimEnd().split("\n");
  const from = firstLine(lines);
  const box = useRef<HTMLOListElement>(null);
  const now = lines.findIndex((_, i) => (where.get(`${file}:${i + 1}`) ?? []).some((a) => a.runs));
  useEffect(() => {
    if (box.current && now >= from) show(box.current, box.current.children[now - from] as HTMLElement);
  }, [now]);
  return (
    <figure class="code">
      <figcaption class="hidden">{file}</figcaption>
      <ol ref={box} start={from + 1} tabIndex={0} aria-label={`The code: ${file}`}>
        {lines.slice(from).map((line, i) => {
          const at = where.get(`${file}:${from + i + 1}`) ?? [];
          const runs = at.some((a) => a.runs);
          return (
            <li class={runs ? (blocks ? "now stuck" : "now") : at.length ? "pinned" : ""} aria-current={runs ? "step" : undefined}>
              <span class="pins">{at.map((a) => <i class={markOf(a.id)} title={`${recording.name(a.id)} ${a.runs ? "runs" : "is"} here`} />)}</span>
              <code>{visible(line.replaceAll("\t", "  ")) || " "}</code>
            </li>
          );
        })}
      </ol>
    </figure>
  );
}

// show scrolls the box, and nothing around it, until the line is well inside.
function show(box: HTMLElement, line: HTMLElement): void {
  const top = line.offsetTop - box.offsetTop;
  if (top < box.scrollTop + 20) box.scrollTop = top - 40;
  else if (top > box.scrollTop + box.clientHeight - 40) box.scrollTop = top - box.clientHeight + 60;
}

// firstLine is where the code begins that is worth reading: the imports are not.
function firstLine(lines: readonly string[]): number {
  const func = lines.findIndex((l) => l.startsWith("func "));
  return Math.max(0, func);
}
