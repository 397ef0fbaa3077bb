// Sends what Uppy holds, on its extension point for uploaders: small files in batches, large ones in parts, never more
// than six requests to S3 at once. What fails for good is said; what was announced and will not come is taken back.

import { UploadItem } from "./upload-item.js";
import { MAX_CONNECTIONS, Semaphore, Stopped } from "./retry.js";
import { posts } from "./posts.js";
import { sentence } from "./problems.js";
import { uploadInParts } from "./multipart-upload.js";

const LARGE_AT_ONCE = 2; // while the last parts of one are on their way the next begins
const TICK = 250; // milliseconds between two looks at how far it is: a thousand files must not make Uppy draw for each event
const AWAKE = 10 * 60 * 1000; // a session ends after half an hour without a request, an upload may take hours
const OVER = new Set(["refused", "changed"]); // an attempt that ends so leaves nothing behind

export class Uploader {
  items = new Map(); // by Uppy's id
  run = new Set(); // those that went on their way since nothing was

  announced = () => {}; // called once the portal knows of further files

  constructor(uppy, { portal, hashing, memory, meter, words, paths, post_bytes, draft = "" }) {
    Object.assign(this, { uppy, portal, memory, meter, words, post_bytes });
    const means = {
      portal, hashing, memory, paths, draft, slots: new Semaphore(MAX_CONNECTIONS), settle: (...said) => this.settle(...said),
      announced: () => this.announced(),
    };
    this.sendSmall = posts(means);
    this.sendLarge = (item) => uploadInParts(item, means);
    this.moved = new Set();
    uppy.setState({ capabilities: { ...uppy.getState().capabilities, resumableUploads: true } });
    uppy.addUploader((ids) => this.send(ids));
    uppy.on("file-removed", ({ id }) => this.remove(id));
    uppy.on("upload-pause", ({ id }, paused) => this.items.get(id)?.setPaused(paused));
    uppy.on("pause-all", () => this.listActive().forEach((item) => item.setPaused(true)));
    uppy.on("resume-all", () => this.listActive().forEach((item) => item.setPaused(false)));
  }

  listActive() {
    return [...this.items.values()].filter((item) => !item.over);
  }

  async send(ids) {
    const files = this.uppy.getFilesByIds(ids).filter(Boolean);
    const all = files.map((file) => this.findItem(file));
    all.forEach((item) => this.run.add(item));
    this.uppy.emit("upload-start", files);
    this.begin();
    const small = all.filter((item) => item.blob.size <= this.post_bytes);
    const large = all.filter((item) => item.blob.size > this.post_bytes);
    const one = async () => {
      while (large.length) await this.sendOne(large.shift());
    };
    await Promise.all([this.sendSmall(small), ...Array.from({ length: LARGE_AT_ONCE }, one)]);
    this.end();
  }

  findItem(file) {
    const item = this.items.get(file.id) ?? new UploadItem(file, (moved, bytes) => {
      this.meter.count(bytes);
      this.moved.add(moved);
    });
    item.restart();
    this.items.set(file.id, item);
    return item;
  }

  async sendOne(item) {
    try {
      this.settle(item, null, await this.sendLarge(item));
    } catch (problem) {
      this.settle(item, problem);
    }
  }

  // How one file ended, or several for the same reason.
  settle(items, problem, file) {
    const all = [items].flat();
    if (!problem) {
      all.forEach((item) => this.finish(item, file));
      return;
    }
    const failed = all.filter((item) => {
      item.over = true;
      item.failed = problem;
      if (item.gate.stopped || problem instanceof Stopped || OVER.has(problem.kind)) this.retract(item);
      return !item.gate.stopped && this.uppy.getFile(item.id);
    });
    if (!failed.length) return;
    const said = sentence(problem, this.words);
    this.uppy.patchFilesState(Object.fromEntries(failed.map(({ id }) => [id, { error: said }])));
    this.uppy.emit("upload-error", this.uppy.getFile(failed[0].id), new Error(said));
  }

  finish(item, file) {
    if (item.announced) this.memory.forget(item.announced.file_id);
    item.release();
    this.moved.delete(item);
    if (item.gate.stopped) return; // cancelled when it was too late: it is among the files
    this.uppy.emit("upload-success", this.uppy.getFile(item.id), { status: 200, body: file });
  }

  // Forgotten at once, not only by the sweep a day later.
  retract(item) {
    const { announced } = item;
    Object.assign(item, { announced: null, done: new Map(), sent: false, bytes: 0 });
    if (!announced) return;
    this.memory.forget(announced.file_id);
    this.portal.call("DELETE", announced.cancel, { key: announced.key }).catch(() => {});
  }

  remove(id) {
    const item = this.items.get(id);
    this.items.delete(id);
    this.run.delete(item);
    if (!item) return;
    const ended = item.over;
    item.gate.stop();
    item.release();
    if (!ended || item.failed) this.retract(item);
  }

  begin() {
    this.meter.start();
    this.ticking ??= setInterval(() => this.tick(), TICK);
    this.awake ??= setInterval(() => this.portal.renew().catch(() => {}), AWAKE);
  }

  end() {
    if (this.listActive().length) return;
    this.meter.stop();
    clearInterval(this.ticking);
    clearInterval(this.awake);
    this.tick();
    this.run.clear();
    this.ticking = null;
    this.awake = null;
  }

  tick() {
    for (const item of this.moved) {
      const file = this.uppy.getFile(item.id);
      if (file) this.uppy.emit("upload-progress", file, { bytesUploaded: item.bytes, bytesTotal: file.size });
    }
    this.moved.clear();
  }
}
