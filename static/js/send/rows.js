// The list: a row a file, with what has become of it in words. Thousands are made piece by piece, so that the page
// answers all the time, and put in by hundreds: each time the browser draws the list anew, which takes longer than that.

import { prettierBytes } from "../bytes.js";
import { folderOf } from "../uploads/upload-item.js";

const PIECE = 20; // milliseconds of making rows, then the page has its turn
const TOGETHER = 500; // rows that are put in at once, after the first that are seen
const PERCENT = new Intl.NumberFormat(document.documentElement.lang || "en", { style: "percent" });
const percent = (part, whole) => PERCENT.format(whole ? Math.min(1, part / whole) : 0);
const KINDS = {
  pdf: "pdf", zip: "zip", "7z": "zip", rar: "zip", gz: "zip", tar: "zip", xls: "excel", xlsx: "excel", csv: "excel", ods: "excel",
  ppt: "ppt", pptx: "ppt", odp: "ppt", doc: "text", docx: "text", odt: "text", txt: "text", rtf: "text", md: "text",
};

// Lets the page do what waits. A timer would wait for a second where the page is in the background.
const turn = () => new Promise((go) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    go();
  };
  port2.postMessage(0);
});

function pictureOf({ name, type }) {
  const kind = { image: "image", audio: "music", video: "play" }[type.split("/")[0]] ?? KINDS[name.split(".").pop().toLowerCase()];
  return kind ? `file-earmark-${kind}` : "file-earmark";
}

// "report", ".pdf": the stem may be cut, the extension never is.
function splitName(name) {
  const dot = name.lastIndexOf(".");
  return dot > 0 && name.length - dot < 12 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
}

// Without the blanks between its elements, which would be a third of what the page holds.
function trim(element) {
  for (const node of [...element.childNodes]) {
    if (node.nodeType === Node.ELEMENT_NODE) trim(node);
    else if (!node.data?.trim()) node.remove();
  }
}

export class Rows {
  #rows = new Map(); // by the file's id here
  #due = [];
  filled = null; // resolves when all are listed

  constructor(list, template, again, { words, onRemove, onAgain }) {
    Object.assign(this, { list, words });
    this.sample = template.content.firstElementChild;
    trim(this.sample);
    this.again = again.content.firstElementChild;
    list.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      const row = button?.closest("li");
      if (!row) return;
      if ("remove" in button.dataset) onRemove(row);
      else onAgain(row.dataset.id);
    });
  }

  add(files) {
    for (const file of files) this.#due.push(file);
    this.filled ??= this.#fill().finally(() => { this.filled = null; });
  }

  async #fill() {
    let piece = document.createDocumentFragment();
    let first = true;
    while (this.#due.length) {
      const until = performance.now() + PIECE;
      let many = 0;
      while (many < this.#due.length && performance.now() < until) {
        const file = this.#due[many];
        const row = this.#make(file);
        this.#rows.set(file.id, row);
        piece.append(row);
        this.show(file, this.stateOf?.(file));
        many += 1;
      }
      this.#due.splice(0, many);
      if (first || piece.childElementCount >= TOGETHER) {
        this.list.append(piece);
        piece = document.createDocumentFragment();
        first = false;
      }
      if (this.#due.length) await turn();
    }
    this.list.append(piece);
  }

  #make(file) {
    const row = this.sample.cloneNode(true);
    const folder = folderOf(file);
    const [stem, extension] = splitName(file.name);
    const use = row.querySelector(".file-icon use");
    row.dataset.id = file.id;
    use.setAttribute("href", `#i-${pictureOf(file)}`);
    if (folder) Object.assign(row.querySelector(".file-folder"), { textContent: `${folder}/`, hidden: false });
    row.querySelector(".file-name").title = file.name;
    row.querySelector(".file-stem").textContent = stem;
    row.querySelector(".file-extension").textContent = extension;
    row.querySelector("[data-size]").textContent = prettierBytes(file.size);
    row.querySelector("[data-remove]").setAttribute("aria-label", this.words.remove.replace("{name}", file.name));
    return row;
  }

  get(id) {
    return this.#rows.get(id);
  }

  // state: "waiting", "sending", "checking", "arrived" or "failed"; bytes: that S3 has.
  show(file, { state, bytes = 0 } = { state: "waiting" }) {
    const row = this.#rows.get(file.id);
    if (!row) return;
    const said = state === "sending" ? this.words.sending.replace("{percent}", percent(bytes, file.size))
      : { waiting: this.words.waiting_turn, checking: this.words.checking, arrived: this.words.arrived, failed: file.error }[state];
    const place = row.querySelector("[data-said]");
    if (place.textContent !== said) place.textContent = said;
    if (row.dataset.state !== state) {
      row.dataset.state = state;
      row.querySelector(".send-bar").hidden = state !== "sending" && state !== "checking";
      row.querySelector("[data-again]")?.remove();
      if (state === "failed") row.querySelector("[data-remove]").before(this.again.cloneNode(true));
    }
    if (state === "sending") row.querySelector(".send-bar > span").style.setProperty("width", `${Math.floor((100 * bytes) / file.size)}%`);
  }

  remove(id) {
    this.#due = this.#due.filter((file) => file.id !== id);
    this.#rows.get(id)?.remove();
    this.#rows.delete(id);
  }
}

export { turn };
