// What was typed, kept on the server as it is typed; and the wish to send it, which is kept there too.

import { ignoringPause, retry } from "../uploads/retry.js";

const PAUSE = 700; // milliseconds without a change, before it is kept
const OURS = new Set(["csrf_token", "step", "way", "upload", "file"]);

export class Draft {
  #timer = 0;
  #busy = null;
  #again = false;

  // ids: of the files that were announced; missing: how many others were chosen; heard: what the portal says of it.
  constructor({ form, portal, paths, ids, missing, heard, onWait }) {
    Object.assign(this, { form, portal, paths, ids, missing, heard });
    this.waiting = { set waiting(value) { onWait(value); } };
  }

  fields() {
    const typed = [...new FormData(this.form)].filter(([name, value]) => !OURS.has(name) && typeof value === "string");
    return [...typed, ...this.ids().map((id) => ["file", id])];
  }

  later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.keep(), PAUSE);
  }

  // One at a time; what changes meanwhile is kept after it.
  async keep() {
    clearTimeout(this.#timer);
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = this.#call("PUT", this.paths.draft).then((said) => this.heard(said), (problem) => this.heard(null, problem));
    await this.#busy;
    this.#busy = null;
    if (this.#again) {
      this.#again = false;
      this.keep();
    }
  }

  // Throws Problem: refused with `said.problems`. Goes on trying while there is no answer.
  // goesOn: it was pressed before, and is only told of other files.
  async send(goesOn) {
    clearTimeout(this.#timer);
    this.#again = false;
    await this.#busy;
    return retry(ignoringPause(this.waiting), () => this.#call("POST", this.paths.send, { goes_on: goesOn }));
  }

  stop() {
    return this.portal.call("DELETE", this.paths.send);
  }

  look() {
    return this.portal.call("GET", this.paths.draft);
  }

  #call(method, path, more = {}) {
    return this.portal.call(method, path, { body: { fields: this.fields(), missing: this.missing(), ...more } });
  }
}
