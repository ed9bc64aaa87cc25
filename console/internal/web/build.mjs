// Builds the page into dist, or with --tests the tests into build/test. The same
// sources give the same bytes on every machine: there are no times, no absolute paths
// and no hashes in what comes out, and the versions are pinned in package-lock.json.
import { build } from "esbuild";
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

const limit = 250 * 1024; // the script: the page must be there at once

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
else await buildPage();

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

async function buildPage() {
  await rm("dist", { recursive: true, force: true });
  await mkdir("dist/assets", { recursive: true });
  const result = await build({
    ...common,
    entryPoints: { app: "src/main.tsx", style: "src/style/index.css" },
    outdir: "dist/assets",
    format: "esm",
    splitting: true, // what import() names comes when it is needed
    chunkNames: "[name]",
    target: ["es2022"],
    minify: true,
    legalComments: "none", // the licences are in a file of their own, in full
  });
  await cp("src/index.html", "dist/index.html");
  await cp("src/icon.svg", "dist/assets/icon.svg");
  await writeFile("dist/assets/licenses.txt", await licenses(Object.keys(result.metafile.inputs)));
  const { size } = await stat("dist/assets/app.js");
  console.log(`app.js: ${(size / 1024).toFixed(1)} KiB of ${limit / 1024}`);
  if (size > limit) throw new Error(`app.js has ${size} bytes, more than ${limit}`);
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
