// Shows how far something is that runs elsewhere: every few seconds the page is fetched again and this part of it
// taken over. Once that part asks for no watching any more, the page is loaded anew. Without this there is a link.
import { takeDrawings } from "./drawings.js";
import { enhance } from "./main.js";

const EVERY_MS = 3000;

async function fetchPart(label) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  takeDrawings(page);
  return page.querySelector(`[aria-label="${CSS.escape(label)}"]`);
}

export default function watch(element) {
  async function look() {
    const part = document.hidden ? null : await fetchPart(element.getAttribute("aria-label")).catch(() => null);
    if (part && !part.dataset.module) {
      location.reload();
      return;
    }
    // A button that somebody is about to press stays under their finger.
    if (part && !element.contains(document.activeElement)) {
      element.replaceChildren(...part.childNodes);
      enhance(element);
    }
    setTimeout(look, EVERY_MS);
  }
  setTimeout(look, EVERY_MS);
}
