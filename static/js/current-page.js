// The page as the portal would show it now, and its counts put into the page that is open.
import { takeDrawings } from "./drawings.js";

// Null where the portal shows something else by now: all used up, over, a code is asked for.
export async function fetchCurrentPage() {
  const { ok, fresh } = await asked();
  return ok && fresh.querySelector(".file-list") ? fresh : null;
}

async function asked() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (answer.status >= 500) throw new Error(`the portal answered ${answer.status}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  takeDrawings(fresh);
  return { ok: answer.ok, fresh };
}

// After a press of one file's button. Nothing moves: words change in their places, and what cannot be had any more is
// greyed. The pressed button stays: the same press again is the same download, also when it was the last. used: what is
// said where none is left, which is no longer than the words it takes the place of.
export async function showCounts(pressed, used) {
  const counts = document.querySelectorAll("[data-left]");
  if (!counts.length) return; // no limit, nothing counted
  const { ok, fresh } = await asked();
  if (!ok && !fresh.querySelector("[data-spent]")) return;
  for (const each of counts) {
    const now = fresh.querySelector(`[data-left="${each.dataset.left}"]`);
    if (now && now.dataset.rest !== "0") each.textContent = now.textContent;
    else if (each.dataset.rest !== "0") each.textContent = ` · ${used}`;
  }
  for (const form of document.querySelectorAll(".file-buttons form")) {
    const id = form.elements.file_id.value;
    const kept = form === pressed || fresh.querySelector(`.file-buttons [name=file_id][value="${id}"]`);
    form.querySelector("button").disabled = !kept;
  }
  showZip(fresh.querySelector("[data-zip]"));
}

// What "Download all" holds by now; the files it leaves out are named once it is pressed.
function showZip(now) {
  const shown = document.querySelector("[data-zip]");
  if (!shown || !now) return;
  shown.dataset.zip = now.dataset.zip;
  shown.querySelector("p").textContent = now.querySelector("p").textContent;
}
