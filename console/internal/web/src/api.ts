// The console's HTTP API, as far as the page uses it. Everything is GET and JSON; a
// cookie that the server has set carries the token.

export interface Histogram {
  buckets: number[];
  sum_ns: number;
  max_ns: number;
}

export interface Stats {
  at: string;
  tasks: number;
  created: number;
  ready: number;
  timers: number;
  next?: string;
  threads: number;
  handles: number;
  descriptors: number;
  contexts: number;
  coroutines: number;
  failures: number;
  rounds: number;
  entries: number;
  wakeups: number;
  posts: number;
  metered?: string;
  busy_ns: number;
  asleep_ns: number;
  lag: Histogram;
}

export type LoopState = "running" | "asleep" | "blocked" | "ended";

export interface LoopInfo {
  number: number;
  name: string;
  state: LoopState;
  started: string;
  virtual: boolean;
  blocked_since?: string;
  blocked_by?: number;
  age_ms?: number;
  stats?: Stats;
  error?: string;
  cycles?: unknown[];
  stack?: string;
}

export interface Program {
  program: string;
  pid: number;
  go: string;
  module: string;
  started: string;
  loops: LoopInfo[];
}

export interface Site {
  function?: string;
  file?: string;
  line?: number;
}

export interface TaskRow {
  id: number;
  name: string;
  state: string;
  parent?: number;
  site: Site;
  created?: Site;
  waits_for?: string;
  on?: number;
  since?: string;
  until?: string;
  tasks?: number[];
  ending?: boolean;
  priority?: number;
  begun: boolean;
  steps?: number;
  busy_ns?: number;
  yields?: number;
  self_wakes?: number;
  since_watch_ms?: number;
  /** not all was counted: the loop does more than the console can read */
  partial?: boolean;
}

export interface TaskPage {
  at: string;
  age_ms: number;
  total: number;
  matching: number;
  tasks: TaskRow[];
  next: number;
}

export interface TaskDetail {
  at: string;
  task: TaskRow;
  stack: Site[];
  path: { id: number; name: string }[];
  children: { id: number; name: string; state: string }[];
}

export interface Warning {
  kind: string;
  task?: number;
  name?: string;
  text: string;
  since?: string;
  stack?: string;
}

export interface Histograms {
  lag: Histogram;
  step: Histogram;
  since_ms: number;
}

/** ApiError is an answer that is not a result. status is 0 where there was none. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** get asks the server. It gives up after some seconds: a page must not hang. */
export async function get<T>(path: string, params: Record<string, string | number | undefined> = {}): Promise<T> {
  const query = new URLSearchParams();
  for (const [k, v] of Object.entries(params)) if (v !== undefined && v !== "" && v !== 0) query.set(k, String(v));
  const url = query.size ? `${path}?${query}` : path;
  let answer: Response;
  try {
    answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin", signal: AbortSignal.timeout(8000) });
  } catch {
    throw new ApiError("The program does not answer.", 0);
  }
  if (!answer.ok) throw new ApiError(await errorOf(answer), answer.status);
  return (await answer.json()) as T;
}

async function errorOf(answer: Response): Promise<string> {
  try {
    const body = (await answer.json()) as { error?: unknown };
    if (typeof body.error === "string") return body.error;
  } catch {
    // not JSON: the status says it
  }
  return `The console answered with status ${answer.status}.`;
}

export const api = {
  program: () => get<Program>("api/v1/program"),
  stats: (loop: number) => get<Stats & { state: LoopState; age_ms: number }>(`api/v1/loops/${loop}/stats`),
  tasks: (loop: number, params: Record<string, string | number | undefined>) => get<TaskPage>(`api/v1/loops/${loop}/tasks`, params),
  task: (loop: number, id: number) => get<TaskDetail>(`api/v1/loops/${loop}/tasks/${id}`),
  histograms: (loop: number) => get<Histograms>(`api/v1/loops/${loop}/histograms`),
  warnings: (loop: number) => get<{ warnings: Warning[] }>(`api/v1/loops/${loop}/warnings`),
};
