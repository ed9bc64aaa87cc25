// The timeline without the picture: what the rows on the screen are in, as a table that
// screen readers can read.

import { useStore } from "../store.ts";
import type { Session } from "../session.ts";
import { duration, label } from "../text.ts";
import type { Controller } from "./controller.ts";
import { stateWord, summary } from "./words.ts";

export function RowTable({ session, c }: { session: Session; c: Controller }) {
  useStore(session, 2000);
  const r = session.recording;
  const t = Math.min(c.window.to, r.now);
  const rows = c.visible.slice(0, 50);
  return (
    <div class="hidden">
      <p>{summary(c.rows, t)}</p>
      <table>
        <caption>States of the tasks on the screen at {duration(t)}, the right edge</caption>
        <thead><tr><th scope="col">Task</th><th scope="col">State</th><th scope="col">Waits for</th><th scope="col">Since</th></tr></thead>
        <tbody>
          {rows.map((row) => {
            const i = row.at(t);
            if (i < 0) return null;
            const span = row.span(i, r);
            return <tr><th scope="row">{label(r.name(row.task), 80)}</th><td>{stateWord(row, span, r.now)}</td><td>{label(span.what, 80)}</td><td>{duration(span.start)}</td></tr>;
          })}
        </tbody>
      </table>
    </div>
  );
}
