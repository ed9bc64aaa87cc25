// The tasks: all of them in a table, one of them beside it.

import { useRoute } from "../route.ts";
import { Detail } from "../tasks/detail.tsx";
import { TaskTable } from "../tasks/table.tsx";
import { useStore } from "../store.ts";
import type { ViewProps } from "../views.ts";

export function Tasks({ session }: ViewProps) {
  useStore(session, 1000);
  const chosen = Number(useRoute().get("task")) || 0;
  return (
    <div class={chosen ? "split chosen" : "split"}>
      <h2 class="hidden">Tasks</h2>
      <TaskTable session={session} chosen={chosen} key={session.number} />
      {chosen > 0 && <Detail session={session} id={chosen} />}
    </div>
  );
}
