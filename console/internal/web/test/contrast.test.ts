import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

// The colours of both themes, as base.css has them.
function themes(): Record<string, Record<string, string>> {
  const css = readFileSync("src/style/base.css", "utf8");
  const block = (selector: string) => {
    const text = css.slice(css.indexOf(selector)).split("}")[0] ?? "";
    return Object.fromEntries([...text.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1], m[2]]));
  };
  return { light: block(":root {"), dark: block(':root[data-theme="dark"]') };
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** contrast is that of WCAG 2: from 1 to 21. */
function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number];
  return (x + 0.05) / (y + 0.05);
}

test("black on white has the greatest contrast, a colour on itself the least", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.equal(contrast("#123456", "#123456"), 1);
});

const texts: [text: string, ground: string][] = [
  ["text", "ground"], ["text", "surface"], ["text", "sunken"], ["text", "bad-ground"], ["text", "warn-ground"], ["text", "accent-ground"],
  ["faint", "ground"], ["faint", "surface"], ["faint", "sunken"],
  ["accent", "surface"], ["accent", "ground"], ["accent", "accent-ground"], ["on-accent", "accent"],
  ["bad", "bad-ground"], ["warn", "warn-ground"], ["good", "good-ground"],
  ["surface", "running"], ["surface", "blocked"], ["surface", "loop"],
];
const shapes: [shape: string, ground: string][] = [
  ["running", "surface"], ["ready", "surface"], ["waiting", "surface"], ["blocked", "surface"], ["loop", "sunken"], ["strong-line", "surface"], ["accent", "surface"],
];

for (const [name, colors] of Object.entries(themes())) {
  for (const [text, ground] of texts) {
    test(`${name}: text in ${text} on ${ground} can be read: 4.5 to 1`, () => {
      const c = contrast(colors[text] ?? "", colors[ground] ?? "");
      assert.ok(c >= 4.5, `${c.toFixed(2)}`);
    });
  }
  for (const [shape, ground] of shapes) {
    test(`${name}: what is ${shape} is seen on ${ground}: 3 to 1`, () => {
      const c = contrast(colors[shape] ?? "", colors[ground] ?? "");
      assert.ok(c >= 3, `${c.toFixed(2)}`);
    });
  }
  test(`${name}: running and ready, ready and blocked differ in lightness too`, () => {
    const of = (k: string) => luminance(colors[k] ?? "") + 0.05;
    const ratio = (a: string, b: string) => Math.max(of(a) / of(b), of(b) / of(a));
    assert.ok(ratio("running", "ready") > 1.5 && ratio("ready", "blocked") > 1.5, `${ratio("running", "ready")} ${ratio("ready", "blocked")}`);
  });
}
