// The frame around the views: what is looked at, how it is, and what went wrong.

import { useEffect, useRef, useState } from "preact/hooks";
import { Banners } from "./banners.tsx";
import { Help } from "./help.tsx";
import { Comparison } from "./lesson/comparison.tsx";
import { Opening, useDrop, openFiles, openAddress } from "./open.tsx";
import { go, link, useRoute } from "./route.ts";
import { Session } from "./session.ts";
import { Badge, Strip } from "./strip.tsx";
import { useStore } from "./store.ts";
import { ThemeSwitch } from "./themeswitch.tsx";
import { Empty, Name } from "./ui.tsx";
import { label } from "./text.ts";
import { views } from "./views.ts";

interface Showing {
  session: Session | null;
  problem: string;
  /** replace shows another session, such as a file that was opened. */
  replace: (s: Session) => void;
}

/** useSession is the session that the address asks for, or the file that was opened. */
function useSession(address: string, loop: number): Showing {
  const [session, set] = useState<Session | null>(null);
  const [problem, setProblem] = useState("");
  const shown = useRef<Session | null>(null);
  const replace = (s: Session | null) => {
    shown.current?.close();
    shown.current = s;
    set(s);
    setProblem("");
  };
  useEffect(() => {
    let over = false;
    if (!address) replace(Session.live(loop));
    else openAddress(address).then((s) => over || replace(s), (e: unknown) => over || setProblem(e instanceof Error ? e.message : String(e)));
    return () => {
      over = true;
      replace(null);
    };
  }, [address, loop]);
  return { session, problem, replace };
}

export function Shell() {
  const params = useRoute();
  const compared = params.getAll("recording");
  return compared.length > 1 ? <Comparison addresses={compared} /> : <Single params={params} />;
}

function Single({ params }: { params: URLSearchParams }) {
  const address = params.get("recording") ?? "";
  const loop = Number(params.get("loop")) || 0;
  const { session, problem, replace } = useSession(address, loop);
  const [reading, setReading] = useState("");
  const open = (files: readonly File[]) => {
    setReading(files[0]?.name ?? "");
    const drawn = new Promise((done) => setTimeout(done, 50)); // so that one sees it before the page is busy
    void drawn.then(() => openFiles(files)).then(replace).finally(() => setReading(""));
  };
  const dropping = useDrop(open);
  if (problem) return <Empty title="This recording cannot be shown"><p>{label(problem, 300)}</p><p><a href="#">Look at the program instead</a></p></Empty>;
  if (!session) return <p class="empty faint" role="status">Loading…</p>;
  const back = () => replace(Session.live(loop));
  return (
    <>
      <Frame session={session} params={params} onFiles={open} onBack={session.isLive || address ? undefined : back} />
      {reading && <div class="drop" role="status">Reading {label(reading, 60)}…</div>}
      {dropping && <div class="drop">Drop the recording to look at it</div>}
    </>
  );
}

interface FrameProps {
  session: Session;
  params: URLSearchParams;
  onFiles: (files: readonly File[]) => void;
  /** onBack returns from a file to the program. */
  onBack: (() => void) | undefined;
}

function Frame({ session, params, onFiles, onBack }: FrameProps) {
  useStore(session, 500);
  const shown = views.filter((v) => session.isLive || !v.live);
  const view = shown.find((v) => v.id === params.get("view")) ?? shown[0];
  useEffect(() => {
    document.title = `${view?.title ?? "Console"} · ${label(session.title, 40) || "asyncio console"}`;
  }, [view?.title, session.title]);
  const main = useRef<HTMLElement>(null);
  const tabs = useRef<HTMLElement>(null);
  useEffect(() => {
    // Where the tabs are wider than the window, that of the view is brought into sight.
    tabs.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [view?.id]);
  if (!view) return null;
  const View = view.component;
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current?.focus(); }}>Skip to the {view.title.toLowerCase()}</a>
      <Top session={session} onFiles={onFiles} onBack={onBack} />
      <Banners session={session} />
      <Strip session={session} />
      <nav class="tabs" aria-label="Views" ref={tabs}>
        {shown.map((v) => (
          <a href={link({ view: v.id, task: "" })} aria-current={v === view ? "page" : undefined}>
            {v.title}{v.id === "warnings" && session.warnings.length > 0 && <span class="number">{session.warnings.length}</span>}
          </a>
        ))}
      </nav>
      <main class={view.flush ? "main flush" : "main"} id="main" ref={main} tabIndex={view.flush ? -1 : 0}>
        {cannotShow(session) ?? <View session={session} />}
      </main>
    </div>
  );
}

/** cannotShow is what stands in the place of the view where there is nothing to show. */
function cannotShow(session: Session) {
  if (session.connection === "connecting" && !session.program) return <p class="empty faint" role="status">Asking the program…</p>;
  if (session.connection === "refused" && !session.program) return <Refused />;
  if (session.connection === "lost" && !session.program) {
    return <Empty title="Nobody answers"><p>The program that served this page has ended, or its console is closed. The page tries again every few seconds.</p><p>A recording can be looked at without the program: open its file, or drop it here.</p></Empty>;
  }
  if (session.program && !session.info && session.loop) return <Empty title={`There is no loop ${session.loop}`}><p>The program has none of this number, or it has ended so long ago that the console has forgotten it.</p><p><a href="#">Look at the one that runs</a></p></Empty>;
  if (session.program && !session.info) return <Empty title="No loop runs"><p>The program has its console on, but none of its event loops runs now. As soon as it calls <code>asyncio.Run</code>, what happens there appears here.</p></Empty>;
  if (session.problem && session.connection === "file") return <Empty title="This file cannot be shown"><p>{label(session.problem, 300)}</p></Empty>;
  return null;
}

function Refused() {
  return (
    <Empty title="The console wants its token">
      <p>What a program does is nobody else's business, so its console opens only to who knows the token. The program has written the whole address, token included, when it started: open that one.</p>
      <pre>asyncio console: http://127.0.0.1:8765/?token=…</pre>
      <p>On the machine where it runs, <code>asyncio ps</code> finds it without the token.</p>
    </Empty>
  );
}

function Top({ session, onFiles, onBack }: Omit<FrameProps, "params">) {
  const loops = session.program?.loops ?? [];
  return (
    <header class="top">
      <div class="brand">
        <img src="assets/icon.svg" alt="" />
        <h1 class="clip"><Name text={session.recording.header?.title || session.title || "asyncio console"} most={44} /></h1>
      </div>
      {session.isLive && loops.length > 1 && (
        <label>
          <span class="hidden">Event loop</span>
          <select value={String(session.number)} onChange={(e) => go({ loop: e.currentTarget.value, task: "" })}>
            {loops.map((l) => <option value={String(l.number)}>{label(l.name || "loop", 30)} · {l.number}{l.state === "ended" ? " (ended)" : ""}</option>)}
          </select>
        </label>
      )}
      <Badge session={session} />
      <span class="spring" />
      {onBack && <button onClick={onBack} title="Back to the program"><span aria-hidden="true">←</span><span class="words">Back to the program</span><span class="hidden">Back to the program</span></button>}
      <Opening session={session} onFiles={onFiles} />
      <ThemeSwitch />
      <Help />
    </header>
  );
}
