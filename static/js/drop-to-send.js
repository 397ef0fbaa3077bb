// Files that are dropped on a page that lists some: the page where they are sent takes this one's place, without a load in
// between, which would lose them.

import { enhance } from "./main.js";

const carriesFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");

// What was dropped, to be read later: the browser takes it back once the event is over, but for the entries themselves.
function hold({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  return { items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })), files: [...files] };
}

async function open(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const form = page.getElementById("send");
  if (!answer.ok || !form) throw new Error(`${address} answered ${answer.status}`);
  const known = new Set([...document.querySelectorAll("link[rel=stylesheet]")].map(({ href }) => href));
  for (const link of page.querySelectorAll("link[rel=stylesheet]")) if (!known.has(link.href)) document.head.append(document.importNode(link));
  history.pushState(null, "", address);
  document.title = page.title;
  document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
  return form;
}

export default function dropToSend(element) {
  const here = new AbortController();
  element.hidden = false; // it was no use before
  const on = (name, handle) => document.addEventListener(name, handle, { signal: here.signal });
  const show = (shown) => element.toggleAttribute("data-dropping", shown);
  on("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    show(true);
  });
  on("dragleave", ({ relatedTarget }) => { if (!relatedTarget) show(false); });
  on("drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    const dropped = hold(event.dataTransfer);
    here.abort(); // what is dropped from now on is the other page's
    try {
      const form = await open(element.dataset.to);
      form.dropped = dropped;
      window.addEventListener("popstate", () => location.reload(), { once: true });
      enhance(document.querySelector("main"));
    } catch {
      location.assign(element.dataset.to); // signed out, or no connection: there they are chosen once more
    }
  });
}
