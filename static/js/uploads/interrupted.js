// The uploads that an earlier page of this browser left behind: choosing the same file again goes on with them.

import { prettierBytes } from "../bytes.js";

const path = ({ folder, name }) => (folder ? `${folder}/${name}` : name);

export class Interrupted {
  except = () => []; // uploads that the page shows in another place

  constructor({ memory, portal, uploader, uppy }) {
    Object.assign(this, { memory, portal, uploader, uppy });
    this.box = document.getElementById("interrupted");
    for (const event of ["upload-start", "upload-success", "file-removed"]) uppy.on(event, () => this.later());
    this.later();
  }

  later() {
    this.due ??= setTimeout(() => {
      this.due = null;
      this.show();
    }, 200);
  }

  async show() {
    const running = new Set([...this.running(), ...this.except()]);
    const left = (await this.memory.left()).filter(({ announced }) => !running.has(announced.file_id));
    const row = this.box.querySelector("template").content.firstElementChild;
    this.box.querySelector("ul").replaceChildren(...left.map((kept) => this.row(row.cloneNode(true), kept)));
    this.box.hidden = left.length === 0;
    this.hideElsewhere(new Set([...running, ...left.map(({ announced }) => announced.file_id)]));
  }

  running() {
    return new Set([...this.uploader.items.values()].map(({ announced }) => announced?.file_id).filter(Boolean));
  }

  row(row, kept) {
    row.querySelector("[data-name]").textContent = path(kept);
    row.querySelector("[data-size]").textContent = prettierBytes(kept.size);
    const button = row.querySelector("button");
    button.setAttribute("aria-label", `${button.textContent.trim()}: ${kept.name}`);
    button.addEventListener("click", () => this.cancel(kept));
    return row;
  }

  async cancel({ announced }) {
    this.memory.forget(announced.file_id);
    this.later();
    await this.portal.call("DELETE", announced.cancel, { key: announced.key }).catch(() => {}); // else the sweeper does it
  }

  // The portal's own list of uploads on other devices shows these as well.
  hideElsewhere(here) {
    const list = document.getElementById("under-way");
    const rows = [...list?.querySelectorAll("[data-file-id]") ?? []];
    rows.forEach((row) => { row.hidden = here.has(row.dataset.fileId); });
    if (list) list.hidden = rows.every((row) => row.hidden);
  }

  // Whether this file goes on with what was left, and so has its room already.
  knows(file, folder) {
    return this.memory.all().some((kept) => kept.name === file.name && kept.size === file.size && kept.folder === folder);
  }
}
