// Builds the page into dist, with --again into build/dist, or with --tests the tests into
// build/test. The same
// sources give the same bytes on every machine: there are no times, no absolute paths
// and no hashes in what comes out, and the versions are pinned in package-lock.json.
import { build } from "esbuild";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

const limit = 250 * 1024; // of what is loaded at once
const limitLater = 150 * 1024; // of what views load when they are looked at

const common = {
  bundle: true,
  charset: "utf8",
  define: { "process.env.NODE_ENV": '"production"' },
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
  metafile: true,
};

if (process.argv.includes("--tests")) await buildTests();
else await buildPage(process.argv.includes("--again") ? "build/dist" : "dist");

async function buildTests() {
  const names = (await readdir("test")).filter((n) => n.endsWith(".test.ts") || n.endsWith(".test.tsx"));
  await rm("build", { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: names.map((n) => path.join("test", n)),
    outdir: "build/test",
    outExtension: { ".js": ".mjs" },
    platform: "node",
    format: "esm",
  });
}

async function buildPage(dist) {
  await rm(dist, { recursive: true, force: true });
  await mkdir(`${dist}/assets`, { recursive: true });
  const result = await build({
    ...common,
    entryPoints: { "assets/app": "src/main.tsx", "assets/style": "src/style/index.css" },
    outdir: dist,
    format: "esm",
    target: ["es2023"],
    minify: true,
    splitting: true, // libraries that one view needs come with that view
    chunkNames: "assets/[name]-[hash]",
    legalComments: "none", // the licences are in a file of their own, in full
  });
  await cp("src/index.html", `${dist}/index.html`);
  await cp("src/icon.svg", `${dist}/assets/icon.svg`);
  await writeFile(`${dist}/assets/licenses.txt`, await licenses(Object.keys(result.metafile.inputs)));
  const outputs = result.metafile.outputs;
  const first = reach(outputs, `${dist}/assets/app.js`);
  const all = Object.keys(outputs).filter((name) => name.endsWith(".js"));
  check("at once", limit, first.map((name) => outputs[name].bytes));
  check("later", limitLater, all.filter((name) => !first.includes(name)).map((name) => outputs[name].bytes));
}

// reach are the scripts that a script loads before it runs, itself included.
function reach(outputs, name, seen = new Set()) {
  if (seen.has(name)) return [];
  seen.add(name);
  const next = outputs[name].imports.filter((i) => i.kind === "import-statement");
  return [name, ...next.flatMap((i) => reach(outputs, i.path, seen))];
}

function check(when, most, sizes) {
  const size = sizes.reduce((a, b) => a + b, 0);
  console.log(`scripts loaded ${when}: ${(size / 1024).toFixed(1)} KiB of ${most / 1024}`);
  if (size > most) throw new Error(`the scripts loaded ${when} have ${size} bytes, more than ${most}`);
}

// licenses are those of the packages that have files in the bundle.
async function licenses(inputs) {
  const found = new Set();
  for (const input of inputs) {
    const m = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (m) found.add(m[1]);
  }
  let text = "The page of the console contains these libraries.\n";
  for (const name of [...found].sort()) {
    const folder = path.join("node_modules", name);
    const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).sort().find((f) => /^licen[sc]e/i.test(f));
    if (!file) throw new Error(`${name} has no file with its licence`);
    text += `\n${"=".repeat(72)}\n${name} ${version} (${license})\n\n${(await readFile(path.join(folder, file), "utf8")).trim()}\n`;
  }
  return text;
}
