// One file on its way: what the portal was told of it, how far it is, and what can stop it.

import { PauseGate } from "./retry.js";

const inFolder = (path) => (path ?? "").split("/").slice(0, -1).filter(Boolean).join("/");

// "Plans/2026" for /Plans/2026/site.pdf; a file that was chosen by itself has none.
export const folderOf = (file) => inFolder(file.meta.relativePath ?? file.data.webkitRelativePath);

export class UploadItem {
  announced = null; // what the portal said when it was announced
  done = new Map(); // of a large file: the SHA-256 of each part that S3 has
  sent = false; // a small one is in the bucket and waits to be confirmed
  failed = null; // why its last attempt ended
  waiting = false; // for a connection
  paused = false;
  over = false;
  bytes = 0; // that S3 has of it
  #release;

  constructor(file, onProgress) {
    Object.assign(this, { id: file.id, blob: file.data, name: file.name, folder: folderOf(file), onProgress });
    this.gate = new PauseGate();
    this.ended = new Promise((release) => { this.#release = release; });
  }

  restart() {
    Object.assign(this, { failed: null, waiting: false, over: false });
    this.setPaused(false);
  }

  setPaused(paused) {
    this.paused = paused;
    if (paused) this.gate.pause();
    else this.gate.resume();
  }

  // counts: these bytes were sent just now, which says how fast it goes; what S3 had before says nothing of that.
  reportProgress(bytes, counts = true) {
    const more = bytes - this.bytes;
    this.bytes = bytes;
    if (more > 0) this.waiting = false;
    this.onProgress(this, counts ? more : 0);
  }

  // Nothing of it goes on in this page; another tab may take it up.
  release() {
    this.over = true;
    this.#release();
  }
}
