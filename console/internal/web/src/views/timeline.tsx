import { useStore } from "../store.ts";
import type { ViewProps } from "../views.ts";

export function Timeline({ session }: ViewProps) {
  useStore(session, 200);
  return <p>{session.spans.rows.length} tasks, {session.recording.length} events</p>;
}
