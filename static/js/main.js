// Enhances what asks for it: an element with data-module="name" is handed to the default export of ./name.js, which is in
// the page's bundle (assets/pages/) or else fetched. Pages work before this runs; a module that fails leaves its element
// as it was.

const loaded = new Map();

// From static/vendor/, where the bundle is.
const fetchModule = (name) => import(new URL(`../js/${name}.js`, import.meta.url).href);

async function enhanceOne(element) {
  const name = element.dataset.module;
  if (!loaded.has(name)) loaded.set(name, fetchModule(name));
  try {
    (await loaded.get(name)).default(element);
  } catch (problem) {
    console.error(`the module ${name} failed`, problem);
  }
}

// Also for what comes into a page later.
export function enhance(root) {
  root.querySelectorAll("[data-module]").forEach(enhanceOne);
}

// bundled: modules by their names.
export function start(bundled) {
  for (const [name, enhancing] of Object.entries(bundled)) loaded.set(name, { default: enhancing });
  enhance(document);
}

// What answers a form cannot be reloaded or come back to: its place in the history leads to the form's page.
const { history: formPage } = document.body.dataset;
if (formPage) history.replaceState(history.state, "", formPage);

// Browsers scroll to a text field's caret; the rest of it comes out from under what is fixed to the window too.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches("textarea")) target.scrollIntoView({ block: "nearest" });
});

// The reader's zone, for the next page (local-time.js serves this one). A preference: a year, no more said.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.split("; ").includes(`zone=${zone}`)) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
}

// Whoever signs out may leave the machine to others: what uploads/memory.js keeps to go on with is no business of theirs.
document.addEventListener("submit", ({ target }) => {
  if (!/\/(logout|sign-out-everywhere)$/.test(target.getAttribute("action") ?? "")) return;
  Object.keys(localStorage).filter((name) => name.startsWith("uploads ")).forEach((name) => localStorage.removeItem(name));
});
