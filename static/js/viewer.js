// What a preview needs besides HTML: letters as text, a PDF in its frame, the next address of a film whose address ends,
// and a word where the browser cannot show the file.

import { showPdf } from "./pdf.js";
import { Player } from "./player.js";
import { PreviewAddress } from "./preview-address.js";
import { decodeText } from "./text-encoding.js";

export default function viewer(place) {
  const shown = place.querySelector("img, audio, video, pre, [data-pdf]");
  function fail(problem) {
    if (problem instanceof Error) console.error("the preview failed", problem);
    shown.hidden = true;
    place.querySelector("[data-coming]")?.setAttribute("hidden", "");
    place.querySelector("[data-problem]").hidden = false;
  }
  if (shown.matches("pre")) show(place, shown).catch(fail);
  else if (shown.matches("img")) failed(shown, fail);
  else if (shown.matches("[data-pdf]")) showPdf(place, new PreviewAddress(place)).catch(fail);
  else new Player(shown, new PreviewAddress(place), fail);
}

function failed(picture, fail) {
  if (picture.complete && !picture.naturalWidth) fail();
  else picture.addEventListener("error", fail);
}

async function show(place, pre) {
  const most = Number(place.dataset.bytes);
  const { bytes, cut } = await beginning(place.dataset.address, most);
  const { text, guessed } = decodeText(bytes, cut);
  const doubt = place.querySelector("[data-guessed]");
  pre.textContent = text;
  doubt.textContent = doubt.textContent.replace("{encoding}", guessed);
  doubt.hidden = !guessed;
  pre.hidden = false;
  const note = place.querySelector("[data-cut]");
  if (note) note.hidden = false;
}

// No more than is shown is fetched, even from a store that takes no heed of ranges.
async function beginning(address, most) {
  const answer = await fetch(address, { headers: { Range: `bytes=0-${most - 1}` }, cache: "no-store" });
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  const bytes = new Uint8Array(most);
  const reader = answer.body.getReader();
  let length = 0;
  for (let part = await reader.read(); !part.done && length < most; part = await reader.read()) {
    bytes.set(part.value.subarray(0, most - length), length);
    length += Math.min(part.value.length, most - length);
  }
  reader.cancel();
  return { bytes: bytes.subarray(0, length), cut: length === most };
}
