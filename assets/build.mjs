// Builds static/vendor/: out of static/js what each kind of page starts with, and out of node_modules what is used of Bootstrap,
// Uppy and uPlot as one module each, the service worker behind "Download all", and the icons that assets/icons.txt names. Run by `make assets`; nothing it writes
// is committed.
import { build } from "esbuild";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { cutStyles, readWords } from "./cut-styles.mjs";

const out = "static/vendor";
// Firefox ESR and Safari of the last three years: what partners' phones and offices really run.
const target = ["chrome111", "firefox115", "safari16.4"];

async function bundle() {
  await build({
    entryPoints: [
      "assets/uppy.js", "assets/uppy-locale-de.js", "assets/uppy.css", "assets/hash-worker.js", "assets/uplot.js",
    ],
    bundle: true, minify: true, format: "esm", target, outdir: out,
    alias: { "@transloadit/prettier-bytes": "./static/js/bytes.js" },
    legalComments: "linked", logLevel: "warning",
  });
}

async function bundlePages() {
  await build({
    entryPoints: ["assets/pages/partner.js", "assets/pages/staff.js"],
    bundle: true, minify: true, format: "esm", target, outdir: out, legalComments: "linked", logLevel: "warning",
  });
}

// No module: Firefox of the last three years takes service workers only as plain scripts.
async function worker() {
  await build({
    entryPoints: { "zip-worker": "assets/zip/worker.js" },
    bundle: true, minify: true, format: "iife", target, outdir: out, legalComments: "inline", logLevel: "warning",
  });
}

// A tenth of Bootstrap's rules is what our pages use; browsers wait for all of them before they show anything.
async function cutBootstrap() {
  const whole = await readFile("node_modules/bootstrap/dist/css/bootstrap.min.css", "utf8");
  const own = (await readdir("static/css")).map((name) => readFile(`static/css/${name}`, "utf8"));
  const cut = cutStyles(whole, await readWords(), (await Promise.all(own)).join("\n"));
  await writeFile(`${out}/bootstrap.css`, `${cut}\n`);
}

// Beside each file what browsers are given of it (portal/web/edge/compression.py).
async function compressAll() {
  const inside = ["bootstrap.css", "icons.svg"]; // other answers are made of these
  for (const name of (await readdir(out)).filter((each) => /\.(js|css)$/.test(each) && !inside.includes(each))) {
    const bytes = await readFile(`${out}/${name}`);
    await writeFile(`${out}/${name}.br`, brotliCompressSync(bytes));
    await writeFile(`${out}/${name}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

async function symbol(name) {
  const svg = await readFile(`node_modules/bootstrap-icons/icons/${name}.svg`, "utf8").catch(() => {
    throw new Error(`assets/icons.txt names "${name}", which bootstrap-icons does not have`);
  });
  const drawing = svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 16 16" fill="currentColor">${drawing}</symbol>`;
}

async function sprite() {
  const names = (await readFile("assets/icons.txt", "utf8")).split("\n").filter(Boolean);
  const symbols = await Promise.all(names.map(symbol));
  await writeFile(`${out}/icons.svg`,
    `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await Promise.all([
  bundle(),
  bundlePages(),
  worker(),
  cutBootstrap(),
  sprite(),
]);
await compressAll();
