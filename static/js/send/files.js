// The files of this page, those that are chosen here and those that were there: how many, how far, and which of them the
// portal knows by now.

import { prettierBytes } from "../bytes.js";
import { Rows, turn } from "./rows.js";

const figure = (number) => number.toLocaleString(document.documentElement.lang);
const MANY = 200; // files, from which on counting them takes its time
const ALOUD = 1500; // milliseconds in which what happens is announced together

export class Files {
  onChange = () => {};
  #known = ""; // what was known of them when the page last told of a change
  #added = 0;
  #timer = 0;

  constructor({ form, chosen, uploader, portal, words, told, bar }) {
    Object.assign(this, { form, chosen, uploader, portal, words, bar, most: told.most_shared });
    this.list = form.querySelector("[data-list]");
    this.count = form.querySelector("[data-count]");
    this.spoken = form.querySelector("[data-announced]");
    this.rows = new Rows(this.list, form.querySelector("[data-row]"), form.querySelector("template[data-again]"), {
      words, onRemove: (row) => this.remove(row), onAgain: (id) => chosen.send([id]),
    });
    this.others = new Set(this.list.querySelectorAll("li[data-file-id]")); // from elsewhere: another page, or an earlier one
    this.rows.stateOf = (file) => this.stateOf(file);
    for (const event of ["upload-progress", "upload-success"]) chosen.on(event, (file) => { if (file) this.moved([file]); });
    chosen.on("patched", (ids) => this.moved(chosen.getFilesByIds(ids).filter(Boolean)));
    chosen.on("upload-start", (begun) => this.moved(begun.filter(({ id }) => this.rows.get(id)?.dataset.state === "failed")));
    uploader.announced = () => this.moved([]);
    this.#known = this.#describe();
    this.moved([]);
  }

  stateOf(file) {
    const item = this.uploader.items.get(file.id);
    if (file.progress.uploadComplete) return { state: "arrived" };
    if (file.error) return { state: "failed" };
    if (!item || (!item.bytes && !item.sent)) return { state: "waiting" };
    return { state: item.sent || item.bytes >= file.size ? "checking" : "sending", bytes: item.bytes };
  }

  // The portal's ids of those that it knows.
  ids() {
    const here = this.#staying().map((file) => this.#idOf(file)).filter(Boolean);
    return [...new Set([...this.#stayingRows().map((row) => row.dataset.fileId), ...here])];
  }

  #idOf(file) {
    return file.response?.body.file_id ?? this.uploader.items.get(file.id)?.announced?.file_id;
  }

  // Without the one that is being removed, which is in the list until the portal knows.
  #staying() {
    return this.chosen.getFiles().filter(({ id }) => !this.leaving || id !== this.leaving.dataset.id);
  }

  #stayingRows() {
    return [...this.others].filter((row) => row !== this.leaving);
  }

  get total() {
    return this.chosen.size + this.others.size - (this.leaving ? 1 : 0);
  }

  // How many of them the portal knows nothing of yet.
  get missing() {
    return this.#staying().filter((file) => !this.#idOf(file)).length;
  }

  get arrived() {
    return this.#staying().filter(({ progress }) => progress.uploadComplete).length
      + this.#stayingRows().filter((row) => !("pending" in row.dataset)).length;
  }

  add(found) {
    found.forEach(({ file, path }) => this.#takeUp(file, path));
    const added = this.chosen.add(found);
    this.rows.add(added);
    this.#added += added.length;
    this.changed();
    this.#begin(added.map(({ id }) => id));
  }

  // Once they are listed, and some hundreds at a time, so that the page answers meanwhile.
  async #begin(ids) {
    await this.rows.filled;
    for (let from = 0; from < ids.length; from += MANY) {
      this.chosen.send(ids.slice(from, from + MANY));
      await turn();
    }
  }

  // A file that an earlier page began with goes on here: its row there is this one's from now on.
  #takeUp(file, path) {
    const folder = path.split("/").slice(0, -1).join("/");
    const row = [...this.others].find(({ dataset }) => "pending" in dataset && dataset.name === file.name
      && Number(dataset.bytes) === file.size && dataset.folder === folder);
    if (row) this.#drop(row);
  }

  #drop(row) {
    this.others.delete(row);
    row.remove();
  }

  addOwn(found) {
    const sample = this.form.querySelector("[data-row]").content.firstElementChild;
    for (const each of found.filter(({ file_id: id }) => !this.ids().includes(id))) {
      const row = sample.cloneNode(true);
      const said = { [".file-stem"]: each.file_name, "[data-size]": prettierBytes(each.size), "[data-said]": this.words.arrived };
      Object.entries(said).forEach(([place, text]) => { row.querySelector(place).textContent = text; });
      Object.assign(row.dataset, { fileId: each.file_id, name: each.file_name, folder: each.folder, bytes: each.size, state: "arrived" });
      row.querySelector(".file-name").title = each.file_name;
      row.querySelector("[data-remove]").setAttribute("aria-label", this.words.remove.replace("{name}", each.file_name));
      this.list.append(row);
      this.others.add(row);
      this.#added += 1;
    }
    this.changed();
  }

  // before: what has to be done first, while it is still being sent.
  async remove(row, before = this.beforeRemoval) {
    const { id } = row.dataset;
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const name = row.querySelector(".file-name").title;
    row.hidden = true;
    this.leaving = row;
    (next?.querySelector("[data-remove]") ?? this.form.querySelector("[data-input], [data-own-files]")).focus();
    await before?.();
    this.leaving = null;
    if (id) {
      this.rows.remove(id);
      this.chosen.remove(id);
    } else this.#drop(row);
    this.say(this.words.removed.replace("{name}", name));
    this.changed();
  }

  moved(files) {
    files.forEach((file) => this.rows.show(file, this.stateOf(file)));
    this.changed();
  }

  changed() {
    this.due ??= setTimeout(() => {
      this.due = null;
      this.#show();
    }, this.chosen.size > MANY ? 500 : 60);
  }

  #show() {
    const all = this.chosen.getFiles();
    this.list.closest(".send-box").toggleAttribute("data-empty", !this.total);
    const bytes = all.reduce((sum, { size }) => sum + size, 0) + [...this.others].reduce((sum, { dataset }) => sum + Number(dataset.bytes), 0);
    const failed = all.filter(({ error }) => error).length;
    const { total, arrived } = this;
    const size = prettierBytes(bytes);
    const said = total ? [total === 1 ? this.words.one_file.replace("{size}", size) : this.words.files.replace("{number}", figure(total)).replace("{size}", size)] : [];
    if (total && arrived === total) said.push(this.words.all_arrived);
    else if (total > 1) said.push(this.words.arrived_of.replace("{arrived}", figure(arrived)).replace("{number}", figure(total)));
    if (failed) said.push(this.words.failed_files.replace("{number}", figure(failed)));
    const text = said.join(" · ");
    if (this.count.textContent !== text) this.count.textContent = text;
    const running = [...this.uploader.run];
    const whole = running.reduce((sum, { blob }) => sum + blob.size, 0);
    this.bar.style.setProperty("width", whole ? `${(100 * running.reduce((sum, each) => sum + each.bytes, 0)) / whole}%` : "0");
    if (this.#added) this.say(this.words.added.replace("{number}", figure(this.#added)));
    else if (total && arrived === total && this.wasUnderWay) this.say(this.words.all_arrived);
    this.#added = 0;
    this.wasUnderWay = arrived < total;
    const known = this.#describe();
    if (known === this.#known) return;
    this.#known = known;
    this.onChange();
  }

  #describe() {
    return `${this.ids().join()} ${this.missing} ${this.arrived}`;
  }

  say(sentence) {
    this.saying = this.saying && this.saying !== sentence ? `${this.saying} ${sentence}` : sentence;
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.spoken.textContent = this.saying;
      this.saying = "";
      this.#timer = 0;
    }, ALOUD);
  }
}
