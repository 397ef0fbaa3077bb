// What may be chosen: a file that is not empty, not there twice, and no computer's own. What is left out is named; the
// others go on.

import { haveSameContent } from "./same-content.js";
import { isSystemFile } from "./system-files.js";

const NAMED = 20; // more names than these help nobody

export class SelectionFilter {
  constructor(uppy, box, words) {
    Object.assign(this, { uppy, box, words });
    this.leftOut = [];
    this.system = new Map(); // how many of each name
    this.others = new WeakSet(); // like one that is chosen already, but with content of their own
    this.comparing = Promise.resolve();
    uppy.setOptions({ onBeforeFileAdded: (file, files) => this.judge(file, files) });
    uppy.on("restriction-failed", (file, problem) => { if (problem.isUserFacing) this.add(problem.message); });
    for (const event of ["upload-error", "upload-retry", "retry-all", "file-removed", "files-added"]) uppy.on(event, () => this.later());
    uppy.on("upload", () => {
      this.leftOut = [];
      this.system.clear();
      this.later();
    });
  }

  judge(file, files) {
    if (isSystemFile(file.meta.relativePath)) return this.addSystemFile(file.name);
    if (file.size === 0) return this.add(this.words.empty.replace("{name}", file.name));
    const alike = Object.values(files).filter((each) => idOf(each) === file.id);
    if (!alike.length) return true;
    Object.assign(file, { id: freeId(file.id, files), like: file.id }); // or Uppy would say that it is chosen already
    if (this.others.has(file.data) || !alike.some((each) => isAlike(each, file))) return file;
    this.comparing = this.comparing.then(() => this.compare(file));
    return false;
  }

  // It is left out until its bytes are known to differ from those of every file like it.
  async compare(file) {
    for (const each of this.uppy.getFiles().filter((other) => idOf(other) === file.like && isAlike(other, file))) {
      if (await haveSameContent(each.data, file.data).catch(() => false)) {
        this.add(this.words.uppy.noDuplicates.replace("%{fileName}", file.name));
        return;
      }
    }
    this.others.add(file.data);
    const { source, name, type, data, meta } = file;
    this.uppy.addFiles([{ source, name, type, data, meta }]);
  }

  addSystemFile(name) {
    this.system.set(name, (this.system.get(name) ?? 0) + 1);
    this.later();
    return false;
  }

  addEmptyFolder(path) {
    this.add(this.words.empty_folder.replace("{name}", path));
  }

  add(sentence) {
    this.leftOut.push(sentence);
    this.later();
    return false;
  }

  // Once for all that happens in a moment: a folder may hold a hundred empty files.
  later() {
    this.due ??= setTimeout(() => {
      this.due = null;
      this.show();
    }, 50);
  }

  show() {
    const failed = this.uppy.getFiles().filter(({ error }) => error).map(({ name, error }) => `${name}: ${error}`);
    const said = [...this.systemFiles(), ...this.leftOut, ...failed];
    const shown = said.slice(0, NAMED);
    if (said.length > NAMED) shown.push(this.words.more.replace("{number}", said.length - NAMED));
    this.box.querySelector("[data-problems]").replaceChildren(...shown.map((sentence) => {
      const line = document.createElement("li");
      line.textContent = sentence;
      return line;
    }));
    this.box.hidden = said.length === 0;
  }

  // One sentence for all of them: every folder of a drive may have some.
  systemFiles() {
    if (!this.system.size) return [];
    const names = [...this.system].map(([name, times]) => (times > 1 ? `${name} (${times})` : name));
    const more = names.splice(NAMED).length;
    if (more) names.push("…");
    return [this.words.system.replace("{names}", names.join(", "))];
  }
}

// Uppy's ids are made of name, size and time, and make no difference between capital and small letters.
const idOf = ({ id, like = id }) => like;

const isAlike = (one, other) => one.name === other.name
  && (one.meta.relativePath ?? "") === (other.meta.relativePath ?? "");

function freeId(id, files) {
  let number = 2;
  while (Object.hasOwn(files, `${id}-${number}`)) number += 1;
  return `${id}-${number}`;
}
