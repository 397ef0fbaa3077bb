// What of a choice is not taken, and why: empty files, computers' own ones, and what is there already. The others go on.

import { haveSameContent } from "../uploads/same-content.js";
import { isSystemFile } from "../uploads/system-files.js";

const NAMED = 20; // more names than these help nobody
const keyOf = ({ file, path }) => `${path || file.name}\n${file.size}\n${file.lastModified}`;

export class LeftOut {
  #known = new Map(); // by name, size and time: the files that are alike in these
  #said = [];

  constructor(box, words) {
    Object.assign(this, { box, words });
  }

  // Those that are taken. Two that look alike may still differ: only their bytes can tell.
  async filter(found) {
    this.#said = [];
    const taken = [];
    const system = new Map();
    for (const each of found) {
      const { file } = each;
      if (isSystemFile(each.path)) system.set(file.name, (system.get(file.name) ?? 0) + 1);
      else if (file.size === 0) this.#said.push(this.words.empty.replace("{name}", each.path || file.name));
      else if (await this.#isKnown(each)) this.#said.push(this.words.duplicate.replace("{name}", file.name));
      else taken.push(each);
    }
    if (system.size) {
      const names = [...system].map(([name, times]) => (times > 1 ? `${name} (${times})` : name));
      this.#said.unshift(this.words.system.replace("{names}", names.join(", ")));
    }
    this.show();
    return taken;
  }

  async #isKnown(each) {
    const key = keyOf(each);
    const alike = this.#known.get(key) ?? [];
    for (const other of alike) if (await haveSameContent(other, each.file).catch(() => false)) return true;
    this.#known.set(key, [...alike, each.file]);
    return false;
  }

  forget(file) {
    for (const [key, alike] of this.#known) {
      if (!alike.includes(file)) continue;
      this.#known.set(key, alike.filter((each) => each !== file));
      return;
    }
  }

  emptyFolders(paths) {
    this.#said.push(...paths.map((path) => this.words.empty_folder.replace("{name}", path)));
    this.show();
  }

  show() {
    const shown = this.#said.slice(0, NAMED);
    if (this.#said.length > NAMED) shown.push(this.words.more.replace("{number}", this.#said.length - NAMED));
    this.box.querySelector("[data-problems]").replaceChildren(...shown.map((sentence) => {
      const line = document.createElement("li");
      line.textContent = sentence;
      return line;
    }));
    this.box.hidden = shown.length === 0;
  }
}
