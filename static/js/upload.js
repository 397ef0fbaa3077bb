// The upload page: Uppy's dashboard with our uploader behind it, and the next step once files have arrived.

import { Dashboard, Uppy } from "../vendor/uppy.js";
import { Allowance } from "./uploads/allowance.js";
import { SelectionFilter } from "./uploads/selection-filter.js";
import { emptyFolders } from "./uploads/empty-folders.js";
import { Hashing } from "./uploads/hashing.js";
import { Interrupted } from "./uploads/interrupted.js";
import { Memory } from "./uploads/memory.js";
import { Meter } from "./uploads/meter.js";
import { Portal } from "./uploads/portal.js";
import { Uploader } from "./uploads/uploader.js";

const LOCALES = { de: () => import("../vendor/uppy-locale-de.js") };

// Which files have arrived, offered for the next step: sharing them, as many as one share may have.
function nextStep(uppy, uploader, box, most) {
  const link = box.querySelector("[data-share]");
  const label = link.querySelector("[data-share-label]");
  const all = label.textContent;
  let due = null;

  function show() {
    due = null;
    const files = uppy.getFiles().filter((file) => file.progress.uploadComplete && !file.error);
    box.hidden = files.length === 0 || uploader.listActive().length > 0;
    if (box.hidden) return;
    const tooMany = files.length > most;
    box.querySelector("[data-too-many]").hidden = !tooMany;
    label.textContent = tooMany ? link.dataset.first : all;
    link.href = `${link.dataset.share}?${new URLSearchParams(files.slice(0, most).map((file) => ["file", file.response.body.file_id]))}`;
    const one = files.length === 1;
    const number = files.length.toLocaleString(document.documentElement.lang);
    box.querySelector("[data-said]").textContent = (one ? box.dataset.one : box.dataset.several).replace("{number}", number);
  }

  for (const event of ["upload-success", "upload-error", "upload", "file-removed", "complete"]) {
    uppy.on(event, () => { due ??= setTimeout(show, 50); });
  }
}

function dashboard(uppy, element, words, onDrop) {
  uppy.use(Dashboard, {
    target: element,
    inline: true,
    width: "100%",
    height: 420,
    theme: "auto",
    note: words.note,
    fileManagerSelectionType: "both",
    disableThumbnailGenerator: true, // previews are blob: pictures, which the page's policy does not allow
    proudlyDisplayPoweredByUppy: false,
    hideProgressDetails: true, // the meter says it, also where an upload goes on from an earlier one
    doneButtonHandler: null,
    onDrop,
  });
  // Uppy makes one file a list item without a list, and many files a list that no key scrolls.
  const mend = () => {
    const list = element.querySelector(".uppy-Dashboard-files");
    list?.setAttribute("role", "list");
    list?.setAttribute("tabindex", "0");
  };
  new MutationObserver(mend).observe(element, { childList: true, subtree: true });
}

async function loadWords(told) {
  const load = LOCALES[document.documentElement.lang];
  const locale = load ? (await load()).default : { strings: {} };
  return { ...locale, strings: { ...locale.strings, ...told.words.uppy } };
}

export default async function upload(element) {
  const told = JSON.parse(element.dataset.upload);
  const uppy = new Uppy({ locale: await loadWords(told), restrictions: { maxFileSize: told.most_bytes } });
  const chosen = new SelectionFilter(uppy, document.getElementById("not-uploaded"), told.words);
  dashboard(uppy, element, told.words, async (event) => {
    for (const path of await emptyFolders(event.dataTransfer)) chosen.addEmptyFolder(path);
  });
  const portal = new Portal(told);
  const memory = new Memory(told.person);
  let uploader = null;
  const meter = new Meter(document.getElementById("uploading"), told.words, () => [...uploader.run]);
  uploader = new Uploader(uppy, { ...told, portal, memory, meter, hashing: new Hashing(told.worker) });
  const interrupted = new Interrupted({ memory, portal, uploader, uppy });
  const allowance = new Allowance(uppy, portal, told);
  allowance.except = (file, folder) => interrupted.knows(file, folder);
  uppy.setOptions({ onBeforeUpload: () => (allowance.fits() ? undefined : false) });
  uppy.on("complete", () => allowance.renew());
  nextStep(uppy, uploader, document.getElementById("uploaded"), told.most_shared);
  window.addEventListener("beforeunload", (event) => {
    if (uploader.listActive().length) event.preventDefault();
  });
}
