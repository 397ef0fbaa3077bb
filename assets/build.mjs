// Builds static/vendor/: out of static/js what each kind of page starts with, and out of node_modules Bootstrap as it is,
// Uppy and uPlot as one module each, the service worker behind "Download all", and the icons that assets/icons.txt names. Run by `make assets`; nothing it writes
// is committed.
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";

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

async function copyBootstrap(from, to) {
  const text = await readFile(`node_modules/bootstrap/dist/${from}`, "utf8");
  // The maps are not copied, so the line that points to one would be a 404 in every developer console.
  await writeFile(`${out}/${to}`, text.replace(/\n\/[/*]# sourceMappingURL=.*\s*$/, "\n"));
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
  copyBootstrap("css/bootstrap.min.css", "bootstrap.css"),
  copyBootstrap("js/bootstrap.bundle.min.js", "bootstrap.js"),
  sprite(),
]);
