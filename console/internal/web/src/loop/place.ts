// Where in the program a task is: the line of a stack that a reader should look at.

import type { Recording } from "../recording.ts";

export interface Place {
  file: string; // the name in the sources where it is one of them
  line: number;
  function: string;
  known: boolean; // its text is in the sources
}

/** placeOf is the innermost frame whose text the recording brings along, or else the innermost of all. */
export function placeOf(r: Recording, stack: number): Place | null {
  const frames = r.stack(stack);
  for (const [fn, file, line] of frames) {
    const name = sourceName(r, file);
    if (name !== null) return { file: name, line, function: fn, known: true };
  }
  const top = frames[0];
  return top ? { file: top[1].replace(/^.*\//, ""), line: top[2], function: top[0], known: false } : null;
}

/** sourceName is under which name the recording has the text of a file. */
export function sourceName(r: Recording, file: string): string | null {
  for (const name of Object.keys(r.header?.sources ?? {})) {
    if (file === name || file.endsWith(`/${name}`)) return name;
  }
  return null;
}

/** codeAt is the text of a line, without its indentation. */
export function codeAt(r: Recording, place: Place): string {
  const text = place.known ? r.header?.sources?.[place.file] : undefined;
  return (text?.split("\n")[place.line - 1] ?? "").trim();
}
