// A press of Download: the button says at once that it starts, a screen reader hears it, and the page's counts are
// brought up to date. Without this the form works as it stands; the portal counts the same press once (R50).

import { showCounts } from "./current-page.js";
import { saveInPieces } from "./large-download.js";

const SAID = 5000; // milliseconds for which a button says what it did

const status = () => document.querySelector("[data-download-status]");

// The button's label, in the place it has: neither the button nor its picture moves.
function say(form, text) {
  const label = form.querySelector("[data-label]");
  form.dataset.label ??= label.textContent;
  label.style.width ||= `${label.offsetWidth}px`;
  label.textContent = text || form.dataset.label;
}

// Aloud, and for eyes on the button.
function tell(form, which) {
  const place = status();
  const words = JSON.parse(place.dataset.words);
  place.classList.toggle("visually-hidden", which !== "broken");
  place.textContent = words[`${which}_aloud`].replace("{name}", () => form.dataset.name);
  say(form, words[which]);
}

// The address of the bytes. Null where the portal has something to show instead: a code is asked for, all is used up.
async function addressOf(form) {
  const answer = await fetch(form.action, {
    method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" },
  });
  return answer.ok ? (await answer.json()).address : null;
}

async function press(form) {
  let address;
  try {
    address = await addressOf(form);
  } catch {
    return tell(form, "broken");
  }
  if (!address) return form.submit();
  if (!await saveInPieces(form, address)) location.assign(address); // an attachment: the page stays
  tell(form, "started");
  // The next press does not wait for them. Offline, the counts stay as they are.
  showCounts(form, JSON.parse(status().dataset.words).used).catch(() => {});
}

export default function download(form) {
  let busy = false;
  let timer = 0;
  form.addEventListener("submit", (event) => {
    if (form.dataset.scripted !== undefined || busy) event.preventDefault();
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    tell(form, "starting");
    Promise.resolve(form.dataset.scripted === undefined ? null : press(form)).finally(() => {
      busy = false;
      timer = setTimeout(() => say(form, ""), SAID);
    });
  });
}
