// Light or dark: what the system prefers, until somebody chooses.

export type Choice = "system" | "light" | "dark";

const key = "asyncio-console-theme";
const dark = () => matchMedia("(prefers-color-scheme: dark)");

/** chosen is what was chosen before. Storage may be forbidden: then it is not remembered. */
export function chosen(): Choice {
  try {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

export function choose(choice: Choice): void {
  try {
    if (choice === "system") localStorage.removeItem(key);
    else localStorage.setItem(key, choice);
  } catch {
    // it holds until the page is closed
  }
  apply(choice);
}

function apply(choice: Choice): void {
  const theme = choice === "system" ? (dark().matches ? "dark" : "light") : choice;
  if (document.documentElement.dataset.theme === theme) return;
  document.documentElement.dataset.theme = theme;
  document.dispatchEvent(new Event("themechange")); // pictures on a canvas are drawn again
}

export function startTheme(): void {
  apply(chosen());
  dark().addEventListener("change", () => apply(chosen()));
}

/** color is a colour of the theme, for a canvas. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
