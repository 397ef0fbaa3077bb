// The upload page: Uppy's dashboard with our sending behind it, and the next step once files have arrived.

import { Dashboard, Uppy } from "../vendor/uppy.js";
import sending from "./sending.js";

const LOCALES = { de: () => import("../vendor/uppy-locale-de.js") };

const busy = (uppy) => uppy.getFiles().some(({ progress, error }) => progress.uploadStarted && !progress.uploadComplete && !error);

// Which files have arrived, offered for the next step: sharing them.
function nextStep(uppy, box) {
  const ready = () => uppy.getFiles().filter((file) => file.progress.uploadComplete && !file.error);
  const link = box.querySelector("[data-share]");

  function show() {
    const files = ready();
    box.hidden = files.length === 0 || busy(uppy);
    const query = new URLSearchParams(files.map((file) => ["file", file.response.body.file_id]));
    link.href = `${link.dataset.share}?${query}`;
    const one = files.length === 1;
    box.querySelector("[data-said]").textContent = (one ? box.dataset.one : box.dataset.several).replace("{number}", files.length);
  }

  for (const event of ["upload-success", "upload-error", "upload", "file-removed", "complete"]) uppy.on(event, show);
}

// Why files did not arrive, in words that need no pointing at: Uppy hides them behind a question mark.
function sayProblems(uppy, box) {
  const list = box.querySelector("[data-problems]");

  function show() {
    const failed = uppy.getFiles().filter((file) => file.error);
    list.replaceChildren(...failed.map((file) => {
      const line = document.createElement("li");
      line.textContent = `${file.name}: ${file.error}`;
      return line;
    }));
    box.hidden = failed.length === 0;
  }

  for (const event of ["upload-error", "upload-retry", "retry-all", "upload", "file-removed"]) uppy.on(event, show);
}

function warnBeforeLeaving(uppy) {
  window.addEventListener("beforeunload", (event) => {
    if (busy(uppy)) event.preventDefault();
  });
}

export default async function upload(element) {
  const told = JSON.parse(element.dataset.upload);
  const language = document.documentElement.lang;
  const locale = LOCALES[language] ? (await LOCALES[language]()).default : { strings: {} };
  const strings = { ...locale.strings, dashboardTitle: told.words.title, dropPasteFiles: told.words.drop, browseFiles: told.words.browse };
  const uppy = new Uppy({
    locale: { ...locale, strings },
    restrictions: { maxFileSize: told.most_bytes, minFileSize: 1 },
  });
  uppy.use(Dashboard, {
    target: element,
    inline: true,
    width: "100%",
    height: 420,
    theme: "auto",
    note: told.words.note,
    disableThumbnailGenerator: true, // previews are blob: pictures, which the page's policy does not allow
    proudlyDisplayPoweredByUppy: false,
    hidePauseResumeButton: true, // a POST cannot be paused
    doneButtonHandler: null,
  });
  sending(uppy, told);
  nextStep(uppy, document.getElementById("uploaded"));
  sayProblems(uppy, document.getElementById("not-uploaded"));
  warnBeforeLeaving(uppy);
}
