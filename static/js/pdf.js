// A PDF in a frame of the page: the browser's own viewer, which runs in no sandboxed frame. It gets the whole file from
// memory and not the bucket's address, which ends after a minute while the viewer still fetches pages, and would be raw
// XML in the frame once that is loaded again.

import { prettierBytes } from "./bytes.js";
import { fetchResumable } from "./resumable-fetch.js";

export async function showPdf(place, address) {
  if (navigator.pdfViewerEnabled === false) throw new Error("this browser has no viewer");
  const find = (name) => place.querySelector(`[data-${name}]`);
  const size = Number(place.dataset.size);
  const [coming, bar, figures] = ["coming", "bar", "figures"].map(find);
  let done = 0;
  function tell(bytes) {
    done += bytes;
    bar.value = done;
    figures.textContent = figures.dataset.words.replace("{done}", prettierBytes(done)).replace("{all}", prettierBytes(size));
  }
  bar.max = size;
  coming.hidden = false;
  const parts = [];
  const start = { address: address.ends ? "" : address.now, tell };
  for await (const part of fetchResumable(size, () => address.renewed(), start)) parts.push(part);
  const kept = URL.createObjectURL(new Blob(parts, { type: "application/pdf" }));
  coming.hidden = true;
  find("pdf").src = kept;
  find("pdf").hidden = false;
  find("alone").href = kept;
  find("alone").hidden = false;
}
