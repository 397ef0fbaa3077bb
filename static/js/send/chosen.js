// The files chosen on this page, and what has become of each. It is what an uploader asks of Uppy's core, and no more.

export class Chosen {
  #files = new Map();
  #handlers = new Map();
  #send = () => {};
  #last = 0;
  options = {};

  getFiles() {
    return [...this.#files.values()];
  }

  get size() {
    return this.#files.size;
  }

  getFile(id) {
    return this.#files.get(id);
  }

  getFilesByIds(ids) {
    return ids.map((id) => this.#files.get(id));
  }

  getState() {
    return {};
  }

  setState() {}

  setOptions(options) {
    Object.assign(this.options, options);
  }

  on(name, handler) {
    this.#handlers.set(name, [...this.#handlers.get(name) ?? [], handler]);
  }

  // Also what the uploader says of a file is kept with it, before others hear of it.
  emit(name, ...said) {
    const [first] = said;
    if (name === "upload-start") first.forEach(({ progress }) => { progress.uploadStarted = true; });
    if (name === "upload-success" && first) Object.assign(first, { error: null, response: said[1], progress: { uploadStarted: true, uploadComplete: true } });
    (this.#handlers.get(name) ?? []).forEach((handler) => handler(...said));
  }

  addUploader(send) {
    this.#send = send;
  }

  patchFilesState(patches) {
    for (const [id, patch] of Object.entries(patches)) if (this.#files.has(id)) Object.assign(this.#files.get(id), patch);
    this.emit("patched", Object.keys(patches));
  }

  // found: [{file, path}], with the path of what came with a folder.
  add(found) {
    const added = found.map(({ file, path }) => {
      this.#last += 1;
      const id = `file-${this.#last}`;
      return { id, data: file, name: file.name, size: file.size, type: file.type, meta: { relativePath: path }, progress: {}, error: null };
    });
    added.forEach((file) => this.#files.set(file.id, file));
    this.emit("files-added", added);
    return added;
  }

  remove(id) {
    const file = this.#files.get(id);
    if (!this.#files.delete(id)) return;
    this.emit("file-removed", file);
  }

  // Those that have not been begun, or that failed.
  send(ids) {
    const due = this.getFilesByIds(ids).filter((file) => file && !file.progress.uploadComplete);
    due.forEach((file) => { Object.assign(file, { error: null, progress: { uploadStarted: true } }); });
    if (due.length && this.options.onBeforeUpload?.() !== false) this.#send(due.map(({ id }) => id));
  }
}
