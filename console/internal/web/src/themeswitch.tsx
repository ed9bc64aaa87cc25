// The switch between light and dark.

import { useState } from "preact/hooks";
import { choose, chosen, type Choice } from "./theme.ts";

const next: Record<Choice, Choice> = { system: "light", light: "dark", dark: "system" };
const signs: Record<Choice, string> = { system: "◐", light: "☀", dark: "☾" };

export function ThemeSwitch() {
  const [choice, set] = useState(chosen());
  const turn = () => {
    choose(next[choice]);
    set(next[choice]);
  };
  const says = `Colours: ${choice === "system" ? "as the system has them" : choice}. Change`;
  return <button class="quiet" onClick={turn} title={says} aria-label={says}><span aria-hidden="true">{signs[choice]}</span></button>;
}
