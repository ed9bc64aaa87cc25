// The timeline: a row a task, a bar a state, and what a bar means when one asks.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useRoute } from "../route.ts";
import type { Session } from "../session.ts";
import { useStore } from "../store.ts";
import { count, many } from "../text.ts";
import { Controller } from "../timeline/controller.ts";
import { Panel } from "../timeline/panel.tsx";
import { RowTable } from "../timeline/rowtable.tsx";
import { sentence } from "../timeline/words.ts";
import { Empty } from "../ui.tsx";
import type { ViewProps } from "../views.ts";

export function Timeline({ session }: ViewProps) {
  useStore(session, 500);
  if (session.recording.length === 0 && session.isBlocked) {
    return <Empty title="The loop cannot tell what it does"><p>It was blocked already when this page began to look, so there is no picture of its tasks yet. It comes as soon as the loop goes on. Where it is now stands above.</p></Empty>;
  }
  if (session.recording.length === 0 && session.crowded) {
    return <Empty title="This page does not follow the loop"><p>Other tabs of this browser do. It begins when one of them is closed.</p></Empty>;
  }
  if (session.recording.length === 0) {
    return session.isLive ? (
      <Empty title="Nothing has happened yet"><p>The timeline shows what the loop does from now on. As soon as a task runs, it appears here.</p></Empty>
    ) : (
      <Empty title="The recording is empty"><p>It holds no event.</p></Empty>
    );
  }
  return <Picture session={session} key={session.recording} />;
}

function Picture({ session }: { session: Session }) {
  const scroll = useRef<HTMLDivElement>(null);
  const spacer = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const panel = useRef<HTMLElement>(null);
  const [controller, setController] = useState<Controller | null>(null);
  const [, redraw] = useState(0);
  useEffect(() => {
    if (!scroll.current || !spacer.current || !canvas.current) return;
    const c = new Controller(session, { scroll: scroll.current, spacer: spacer.current, canvas: canvas.current });
    c.onChange = () => redraw((n) => n + 1);
    setController(c);
    return () => c.destroy();
  }, [session]);
  const asked = Number(useRoute().get("task")) || 0;
  useEffect(() => {
    if (controller && asked) controller.showTask(asked);
  }, [controller, asked]);
  const keys = (e: KeyboardEvent) => {
    if (controller && pressed(controller, e, () => panel.current?.focus())) e.preventDefault();
  };
  return (
    <div class={controller?.selected ? "timeline chosen" : "timeline"}>
      <h2 class="hidden">Timeline</h2>
      {controller && <Tools session={session} c={controller} />}
      <div class="tl-body">
        <div class="tl-scroll card" ref={scroll} tabIndex={0} role="application" aria-roledescription="timeline" aria-label="Timeline of the tasks. Arrow keys go from bar to bar, Enter tells about one, question mark lists the keys." onKeyDown={keys}>
          <div class="tl-spacer" ref={spacer}><canvas ref={canvas} aria-hidden="true" /></div>
        </div>
        {controller?.selected && <Panel session={session} c={controller} focus={panel} />}
      </div>
      {controller && <Spoken session={session} c={controller} />}
      {controller && <RowTable session={session} c={controller} />}
    </div>
  );
}

/** pressed does what a key means, and tells whether it means something. */
function pressed(c: Controller, e: KeyboardEvent, open: () => void): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey) return false;
  const shift = e.shiftKey;
  const does: Record<string, () => void> = {
    "+": () => c.zoomBy(0.6),
    "=": () => c.zoomBy(0.6),
    "-": () => c.zoomBy(1 / 0.6),
    "0": () => c.everything(),
    f: () => c.setFollow(!c.follow),
    ArrowLeft: () => (shift ? c.panBy(-0.15) : c.step(-1)),
    ArrowRight: () => (shift ? c.panBy(0.15) : c.step(1)),
    ArrowUp: () => c.stepRow(-1),
    ArrowDown: () => c.stepRow(1),
    Home: () => c.goTo(c.begin),
    End: () => c.goTo(c.now),
    Enter: open,
    Escape: () => c.choose(null),
  };
  const f = does[e.key];
  f?.();
  return f !== undefined;
}

function Tools({ session, c }: { session: Session; c: Controller }) {
  const { spans } = session;
  return (
    <div class="toolbar">
      <Legend />
      <span class="spring" />
      <label><span class="hidden">Tasks whose name contains</span><input type="search" placeholder="Find tasks" size={12} value={c.filter} onInput={(e) => c.setFilter(e.currentTarget.value)} /></label>
      {spans.rows.length > 12 && <label class="check" title="Leave out tasks that do not live in the stretch of time that is shown"><input type="checkbox" checked={c.onlyAlive} onChange={(e) => c.setFilter(c.filter, e.currentTarget.checked)} />alive here only</label>}
      <span class="faint tl-count">{c.rows.length === spans.rows.length ? many(c.rows.length, "task") : `${count(c.rows.length)} of ${many(spans.rows.length, "task")}`}</span>
      <span class="buttons" role="group" aria-label="Zoom">
        <button onClick={() => c.zoomBy(1 / 0.6)} aria-label="Zoom out" title="Zoom out (−)">−</button>
        <button onClick={() => c.zoomBy(0.6)} aria-label="Zoom in" title="Zoom in (+)">+</button>
        <button onClick={() => c.everything()} title="Everything at once (0)">All</button>
      </span>
      {session.connection === "live" && <DetailChoice session={session} />}
      {session.connection === "live" && <button aria-pressed={c.follow} onClick={() => c.setFollow(!c.follow)} title="Move along with what happens now (f)">Follow</button>}
    </div>
  );
}

/** DetailChoice is what the loop writes down for this page. The more, the more it costs the program. */
function DetailChoice({ session }: { session: Session }) {
  return (
    <label title="What the loop writes down while this page looks. Stacks cost the program most.">
      <span class="hidden">What the loop writes down</span>
      <select value={session.detail} onChange={(e) => session.setDetail(e.currentTarget.value as Session["detail"])}>
        <option value="coarse">order only</option>
        <option value="exact">times</option>
        <option value="stacks">times and stacks</option>
      </select>
    </label>
  );
}

function Legend() {
  const states: [string, string][] = [
    ["running", "It is its turn: only one task runs at a time"],
    ["ready", "It could run and waits for its turn"],
    ["waiting", "It waits for something; others run meanwhile"],
    ["blocked", "It holds the loop for more than 100 ms: nobody else can run"],
  ];
  return <ul class="legend" aria-label="What the colours mean">{states.map(([s, means]) => <li title={means}><i class={`swatch ${s}`} aria-hidden="true" />{s}</li>)}</ul>;
}

/** Spoken tells a screen reader what is chosen, once: a bar that lasts gets longer all the time. */
function Spoken({ session, c }: { session: Session; c: Controller }) {
  const { selected } = c;
  const words = useMemo(() => {
    const row = selected && session.spans.byTask.get(selected.task);
    return row ? sentence(row, selected.span, session.recording) : "";
  }, [selected]);
  return <p class="hidden" aria-live="polite">{words}</p>;
}
