// What may still be stored, near the drop area, and asked of what is chosen before a byte of it is sent.

import { prettierBytes } from "../bytes.js";
import { folderOf } from "./upload-item.js";

const figure = (number) => number.toLocaleString(document.documentElement.lang);

export class Allowance {
  except = () => false; // files that have their room already: those of an interrupted upload

  constructor(uppy, portal, { paths, words, usage }) {
    Object.assign(this, { uppy, portal, path: paths.usage, words, left: usage });
    this.shown = document.querySelector("[data-room]"); // what the portal said when it made the page
    this.over = document.getElementById("over-allowance");
    for (const event of ["files-added", "file-removed", "upload-start"]) uppy.on(event, () => this.fits());
  }

  // Asked anew after uploads and before the next, since others use up the same room.
  async renew() {
    try {
      this.left = await this.portal.call("GET", this.path);
    } catch {
      // what is known is good enough; the portal checks in any case
    }
    this.show();
  }

  // What is chosen and not announced yet fits. If not, the sentence says by how much.
  fits() {
    const files = this.uppy.getFiles().filter(({ progress, error }) => !progress.uploadStarted && !error)
      .filter((file) => !this.except(file.data, folderOf(file)));
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    const { bytes_left: room, files_left: places } = this.left;
    if (room !== null && bytes > room) return this.#say(this.words.over_bytes, prettierBytes(bytes), prettierBytes(room));
    if (places !== null && files.length > places) return this.#say(this.words.over_files, figure(files.length), figure(places));
    this.over.hidden = true;
    return true;
  }

  // Where there is a limit there was a sentence.
  show() {
    const { bytes_left: room, files_left: places, max_bytes: most } = this.left;
    const said = [];
    if (room !== null) {
      const words = most ? this.words.room_of.replace("{most}", prettierBytes(most)) : this.words.room;
      said.push(words.replace("{left}", prettierBytes(room)));
    }
    if (places !== null) said.push(this.words.places.replace("{left}", figure(places)));
    if (this.shown) this.shown.textContent = said.join(" ");
    this.fits();
  }

  #say(words, needed, left) {
    this.over.hidden = false;
    const said = words.replace("{needed}", needed).replace("{left}", left);
    const place = this.over.querySelector("[data-said]");
    if (place.textContent !== said) place.textContent = said;
    return false;
  }
}
