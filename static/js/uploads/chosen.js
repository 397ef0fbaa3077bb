// What may be chosen: a file that is not empty and not there twice. What is left out is named; the others go on.

const NAMED = 20; // more names than these help nobody

export class Chosen {
  constructor(uppy, box, words) {
    Object.assign(this, { uppy, box, words });
    this.leftOut = [];
    uppy.setOptions({ onBeforeFileAdded: (file, files) => this.judge(file, files) });
    uppy.on("restriction-failed", (file, problem) => { if (problem.isUserFacing) this.add(problem.message); });
    for (const event of ["upload-error", "upload-retry", "retry-all", "file-removed", "files-added"]) uppy.on(event, () => this.later());
    uppy.on("upload", () => {
      this.leftOut = [];
      this.later();
    });
  }

  judge(file, files) {
    if (file.size === 0) return this.add(this.words.empty.replace("{name}", file.name));
    if (!Object.hasOwn(files, file.id)) return true;
    if (this.uppy.getFile(file.id)) return false; // Uppy says so itself
    return this.add(this.words.uppy.noDuplicates.replace("%{fileName}", file.name));
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
    const said = [...this.leftOut, ...failed];
    const shown = said.slice(0, NAMED);
    if (said.length > NAMED) shown.push(this.words.more.replace("{number}", said.length - NAMED));
    this.box.querySelector("[data-problems]").replaceChildren(...shown.map((sentence) => {
      const line = document.createElement("li");
      line.textContent = sentence;
      return line;
    }));
    this.box.hidden = said.length === 0;
  }
}
