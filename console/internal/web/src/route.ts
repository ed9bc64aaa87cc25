// What the page shows is in its address behind the #, so that it can be sent to others
// and the browser's "back" works: view, loop, task, and recording, the address of one.

import { useEffect, useState } from "preact/hooks";

export type Route = URLSearchParams;

export function route(): Route {
  return new URLSearchParams(location.hash.slice(1));
}

/** link is the address of the page with some parameters changed; "" takes one out. */
export function link(changes: Record<string, string | number>): string {
  const params = route();
  for (const [k, v] of Object.entries(changes)) {
    if (v === "" || v === 0) params.delete(k);
    else params.set(k, String(v));
  }
  return `#${params}`;
}

export function go(changes: Record<string, string | number>): void {
  location.hash = link(changes);
}

/** sameOrigin is the address of a recording on this server, null for any other. */
export function sameOrigin(address: string): string | null {
  try {
    const url = new URL(address, location.href);
    return url.origin === location.origin ? url.href : null;
  } catch {
    return null;
  }
}

/** fetchRecording asks this server for a recording; no other, whatever the address says. */
export async function fetchRecording(address: string, signal?: AbortSignal): Promise<Response> {
  const url = sameOrigin(address);
  if (!url) throw new Error("The address of a recording must be on the server of this page.");
  const answer = await fetch(url, { credentials: "same-origin", signal: signal ?? null });
  if (!answer.ok) throw new Error(`The server answered with status ${answer.status}.`);
  return answer;
}

/** useRoute draws the component again when the address changes. */
export function useRoute(): URLSearchParams {
  const [current, set] = useState(route());
  useEffect(() => {
    const changed = () => set(route());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return current;
}
