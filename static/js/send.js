// The page where files are sent: uploads begin with the choice, whom and what is typed meanwhile, and one button sends
// once everything has arrived. The wish to send is kept by the portal, so it goes out whether this page is open or not.

import { Allowance } from "./uploads/allowance.js";
import { emptyFolders } from "./uploads/empty-folders.js";
import { Hashing } from "./uploads/hashing.js";
import { Interrupted } from "./uploads/interrupted.js";
import { Memory } from "./uploads/memory.js";
import { Meter } from "./uploads/meter.js";
import { Portal } from "./uploads/portal.js";
import { Uploader } from "./uploads/uploader.js";
import { Chosen } from "./send/chosen.js";
import { Draft } from "./send/draft.js";
import { ofDrop, ofInput } from "./send/dropped.js";
import { Files } from "./send/files.js";
import { LeftOut } from "./send/left-out.js";
import { letChooseOwn } from "./send/own-files.js";
import { People } from "./send/people.js";
import { Press } from "./send/press.js";
import { settingsInWords } from "./send/settings.js";

// One of those whose drawings the page has (components/send.html names them).
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

// What may be dropped anywhere on the page, and chosen by the buttons.
function letChoose(form, take) {
  const input = form.querySelector("[data-input]");
  if (!input) return;
  const folder = form.querySelector("[data-folder-input]");
  if (form.dropped) take(ofDrop(form.dropped), emptyFolders(form.dropped)); // on the page that was here before
  for (const each of [input, folder]) {
    const takeChosen = () => {
      take(Promise.resolve(ofInput(each)));
      each.value = "";
    };
    each.addEventListener("change", takeChosen);
    if (each.files.length) takeChosen(); // chosen before this ran
  }
  const carriesFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
  const show = (on) => document.body.classList.toggle("send-dropping", on);
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    show(true);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) show(false); });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    show(false);
    take(ofDrop(event.dataTransfer), emptyFolders(event.dataTransfer));
  });
}

export default function send(form) {
  const told = JSON.parse(form.dataset.send);
  const { words } = told;
  const portal = new Portal(told);
  const memory = new Memory(told.person);
  const chosen = new Chosen();
  let uploader = null;
  const meter = new Meter(document.getElementById("uploading"), words, () => [...uploader.run]);
  uploader = new Uploader(chosen, { ...told, portal, memory, meter, hashing: new Hashing(told.worker), draft: told.draft });
  const interrupted = new Interrupted({ memory, portal, uploader, uppy: chosen });
  const allowance = new Allowance(chosen, portal, told);
  allowance.except = (file, folder) => interrupted.knows(file, folder);
  chosen.setOptions({ onBeforeUpload: () => (allowance.fits() ? undefined : false) });

  const files = new Files({ form, chosen, uploader, portal, words, told, bar: document.querySelector("[data-bar] > span") });
  interrupted.except = () => files.ids();
  const draft = new Draft({
    form, portal, paths: told.paths, ids: () => files.ids(), missing: () => files.missing, heard: (said, problem) => press.heard(said, problem),
    onWait: (waiting) => press.say(waiting ? words.offline : ""),
  });
  const people = new People(form.querySelector("[data-recipients]"), { portal, paths: told.paths, words, icons: icon, changed: () => draft.later() });
  const press = new Press({ form, draft, files, people, told });
  const leftOut = new LeftOut(document.getElementById("not-uploaded"), words);

  files.onChange = () => press.filesChanged();
  chosen.on("file-removed", (file) => leftOut.forget(file.data));
  letChooseOwn({ form, portal, path: told.paths.files, has: (id) => files.ids().includes(id), add: (found) => files.addOwn(found) });
  letChoose(form, async (found, empty) => {
    const taken = await leftOut.filter(await found);
    if (empty) leftOut.emptyFolders(await empty);
    if (!taken.length) return;
    files.add(taken);
    if (!people.count && !people.input.value && !document.activeElement?.closest(".send-to")) people.input.focus();
  });

  const line = form.querySelector("[data-settings-words]");
  form.addEventListener("input", ({ target }) => {
    line.textContent = settingsInWords(form, words);
    if (target.name) draft.later();
  });
  line.textContent = settingsInWords(form, words);
  // Whoever leaves a field, or the page, leaves nothing behind that is not kept.
  form.addEventListener("change", ({ target }) => { if (target.name && !press.wished) draft.keep(); });
  form.dataset.ready = "";
  window.addEventListener("beforeunload", (event) => {
    if (uploader.listActive().length) event.preventDefault();
  });
}
