// The frame around the views: what is looked at, how it is, and what went wrong.

import { useEffect, useRef, useState } from "preact/hooks";
import { Banners } from "./banners.tsx";
import { Help } from "./help.tsx";
import { Comparison } from "./lesson/comparison.tsx";
import { Opening, useDrop, openFile, openAddress } from "./open.tsx";
import { go, link, useRoute } from "./route.ts";
import { Session } from "./session.ts";
import { Badge, Strip } from "./strip.tsx";
import { useStore } from "./store.ts";
import { ThemeSwitch } from "./themeswitch.tsx";
import { Empty, Name } from "./ui.tsx";
import { label } from "./text.ts";
import { views } from "./views.ts";

/** useSession is the session that the address asks for, or the file that was opened. */
function useSession(params: URLSearchParams): [Session | null, string, (s: Session) => void] {
  const [session, set] = useState<Session | null>(null);
  const [problem, setProblem] = useState("");
  const address = params.get("recording") ?? "";
  const loop = Number(params.get("loop")) || 0;
  useEffect(() => {
    let current: Session | null = null;
    let over = false;
    const show = (s: Session) => {
      if (over) return s.close();
      current = s;
      set(s);
      setProblem("");
    };
    if (address) openAddress(address).then(show, (e: unknown) => setProblem(String(e instanceof Error ? e.message : e)));
    else show(Session.live(loop));
    return () => {
      over = true;
      current?.close();
    };
  }, [address, loop]);
  const replace = (s: Session) => {
    session?.close();
    set(s);
  };
  return [session, problem, replace];
}

export function Shell() {
  const params = useRoute();
  const compared = params.getAll("recording");
  return compared.length > 1 ? <Comparison addresses={compared} /> : <Single params={params} />;
}

function Single({ params }: { params: URLSearchParams }) {
  const [session, problem, replace] = useSession(params);
  const dropping = useDrop((file) => void openFile(file).then(replace));
  if (problem) return <Empty title="This recording cannot be shown"><p>{label(problem, 300)}</p><p><a href="#">Look at the program instead</a></p></Empty>;
  if (!session) return <p class="empty faint" role="status">Loading…</p>;
  return (
    <>
      <Frame session={session} params={params} onFile={(f) => void openFile(f).then(replace)} />
      {dropping && <div class="drop">Drop the recording to look at it</div>}
    </>
  );
}

interface FrameProps {
  session: Session;
  params: URLSearchParams;
  onFile: (f: File) => void;
}

function Frame({ session, params, onFile }: FrameProps) {
  useStore(session, 500);
  const shown = views.filter((v) => session.isLive || !v.live);
  const view = shown.find((v) => v.id === params.get("view")) ?? shown[0];
  useEffect(() => {
    document.title = `${view?.title ?? "Console"} · ${label(session.title, 40) || "asyncio console"}`;
  }, [view?.title, session.title]);
  const main = useRef<HTMLElement>(null);
  if (!view) return null;
  const View = view.component;
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current?.focus(); }}>Skip to the {view.title.toLowerCase()}</a>
      <Top session={session} onFile={onFile} />
      <Banners session={session} />
      <Strip session={session} />
      <nav class="tabs" aria-label="Views">
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
  if (session.program && !session.info) return <Empty title="No loop runs"><p>The program has its console on, but none of its event loops runs now. As soon as it calls <code>asyncio.Run</code>, what happens there appears here.</p></Empty>;
  if (session.problem && session.connection === "file") return <Empty title="This is no recording"><p>{label(session.problem, 300)}</p></Empty>;
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

function Top({ session, onFile }: { session: Session; onFile: (f: File) => void }) {
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
      <Opening session={session} onFile={onFile} />
      <ThemeSwitch />
      <Help />
    </header>
  );
}
