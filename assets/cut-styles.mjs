// Leaves of a style sheet what the portal's pages use: rules whose classes no page and no script names are dropped, then
// animations and variables that nothing refers to any more. It reads words, so what a page might make is kept.
import { readdir, readFile } from "node:fs/promises";

const SOURCES = ["templates", "static/js", "portal/web"];
const READ = /\.(html|js|py)$/;
const CLASSES = /\.(-?[_a-zA-Z][\w-]*)/g;
const GROUPING = /^@(media|supports|layer|container)\b/;

export async function readWords() {
  const words = new Set();
  for (const folder of SOURCES) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !READ.test(entry.name) || entry.parentPath.includes("translations")) continue;
      const text = await readFile(`${entry.parentPath}/${entry.name}`, "utf8");
      for (const word of text.match(/[\w-]+/g) ?? []) words.add(word);
    }
  }
  return words;
}

// Where a part ends: at one of `ends` outside of quotes, brackets and braces.
function findEnd(css, from, ends) {
  let depth = 0;
  let quote = "";
  for (let at = from; at < css.length; at += 1) {
    const each = css[at];
    if (quote) {
      if (each === "\\") at += 1;
      else if (each === quote) quote = "";
    } else if (depth === 0 && ends.includes(each)) return at;
    else if (each === '"' || each === "'") quote = each;
    else if ("({[".includes(each)) depth += 1;
    else if (")}]".includes(each)) depth -= 1;
  }
  return css.length;
}

function split(text, separator) {
  const parts = [];
  for (let at = 0; at < text.length;) {
    const end = findEnd(text, at, separator);
    parts.push(text.slice(at, end));
    at = end + 1;
  }
  return parts;
}

function readRules(css) {
  const rules = [];
  for (let at = 0; at < css.length;) {
    const open = findEnd(css, at, "{;");
    const head = css.slice(at, open).trim();
    const close = css[open] === "{" ? findEnd(css, open + 1, "}") : open;
    if (head) rules.push({ head, body: css[open] === "{" ? css.slice(open + 1, close) : null });
    at = close + 1;
  }
  return rules;
}

function isUsed(selector, words) {
  if (selector.includes("[data-bs-theme")) return false; // pages follow the browser's own setting
  const wanted = selector.replace(/:not\([^)]*\)/g, "");
  return [...wanted.matchAll(CLASSES)].every(([, name]) => words.has(name));
}

function dropRules(css, words) {
  return readRules(css).map(({ head, body }) => {
    if (body === null) return `${head};`;
    if (GROUPING.test(head)) {
      const kept = dropRules(body, words);
      return kept && `${head}{${kept}}`;
    }
    if (head.startsWith("@")) return `${head}{${body}}`;
    const kept = split(head, ",").filter((selector) => isUsed(selector, words));
    return kept.length ? `${kept.join(",")}{${body}}` : "";
  }).join("");
}

// others: sheets that may refer to what this one defines.
function dropUnreferenced(css, others) {
  const all = css + others;
  const animated = new Set([...all.matchAll(/animation(?:-name)?\s*:([^;}]*)/g)].flatMap(([, value]) => value.match(/[\w-]+/g)));
  const referred = new Set([...all.matchAll(/var\(\s*(--[\w-]+)/g)].map(([, name]) => name));
  return css
    .replace(/@(?:-webkit-)?keyframes ([\w-]+)\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/g, (rule, name) => animated.has(name) ? rule : "")
    .replace(/(--bs-[\w-]+):[^;{}"]*(?:"[^"]*"[^;{}"]*)*(;|(?=\}))/g, (line, name) => referred.has(name) ? line : "");
}

export function cutStyles(css, words, others) {
  let cut = dropRules(css.replace(/\/\*[^!][\s\S]*?\*\//g, ""), words);
  for (let before = ""; before !== cut;) {
    before = cut;
    cut = dropUnreferenced(cut, others).replace(/[^{};]+\{\}/g, "");
  }
  return cut;
}
