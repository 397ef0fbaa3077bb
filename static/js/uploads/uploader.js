// Sends what Uppy holds, on its extension point for uploaders: small files in batches, large ones in parts, never more
// than six requests to S3 at once. What fails for good is said; what was announced and will not come is taken back.

import { Mine } from "./mine.js";
import { AT_ONCE, Slots, Stopped } from "./patience.js";
import { posts } from "./posts.js";
import { sentence } from "./problems.js";
import { whole } from "./whole.js";

const LARGE_AT_ONCE = 2; // while the last parts of one are on their way the next begins
const TICK = 250; // milliseconds between two looks at how far it is: a thousand files must not make Uppy draw for each event
const AWAKE = 10 * 60 * 1000; // a session ends after half an hour without a request, an upload may take hours
const OVER = new Set(["refused", "changed"]); // an attempt that ends so leaves nothing behind

export class Uploader {
  mines = new Map(); // by Uppy's id
  run = new Set(); // those that went on their way since nothing was

  constructor(uppy, { portal, hashing, memory, meter, words, paths, post_bytes }) {
    Object.assign(this, { uppy, portal, memory, meter, words, post_bytes });
    const means = { portal, hashing, memory, paths, slots: new Slots(AT_ONCE), settle: (...said) => this.settle(...said) };
    this.sendSmall = posts(means);
    this.sendLarge = (mine) => whole(mine, means);
    this.moved = new Set();
    uppy.setState({ capabilities: { ...uppy.getState().capabilities, resumableUploads: true } });
    uppy.addUploader((ids) => this.send(ids));
    uppy.on("file-removed", ({ id }) => this.removed(id));
    uppy.on("upload-pause", ({ id }, paused) => this.mines.get(id)?.hold(paused));
    uppy.on("pause-all", () => this.underWay().forEach((mine) => mine.hold(true)));
    uppy.on("resume-all", () => this.underWay().forEach((mine) => mine.hold(false)));
  }

  underWay() {
    return [...this.mines.values()].filter((mine) => !mine.over);
  }

  async send(ids) {
    const files = this.uppy.getFilesByIds(ids).filter(Boolean);
    const all = files.map((file) => this.mine(file));
    all.forEach((mine) => this.run.add(mine));
    this.uppy.emit("upload-start", files);
    this.begin();
    const small = all.filter((mine) => mine.blob.size <= this.post_bytes);
    const large = all.filter((mine) => mine.blob.size > this.post_bytes);
    const one = async () => {
      while (large.length) await this.sendOne(large.shift());
    };
    await Promise.all([this.sendSmall(small), ...Array.from({ length: LARGE_AT_ONCE }, one)]);
    this.end();
  }

  mine(file) {
    const mine = this.mines.get(file.id) ?? new Mine(file, (moved, bytes) => {
      this.meter.count(bytes);
      this.moved.add(moved);
    });
    mine.again();
    this.mines.set(file.id, mine);
    return mine;
  }

  async sendOne(mine) {
    try {
      this.settle(mine, null, await this.sendLarge(mine));
    } catch (problem) {
      this.settle(mine, problem);
    }
  }

  // How one file ended, or several for the same reason.
  settle(mines, problem, file) {
    const all = [mines].flat();
    if (!problem) {
      all.forEach((mine) => this.arrived(mine, file));
      return;
    }
    const failed = all.filter((mine) => {
      mine.over = true;
      mine.failed = problem;
      if (mine.gate.stopped || problem instanceof Stopped || OVER.has(problem.kind)) this.retract(mine);
      return !mine.gate.stopped && this.uppy.getFile(mine.id);
    });
    if (!failed.length) return;
    const said = sentence(problem, this.words);
    this.uppy.patchFilesState(Object.fromEntries(failed.map(({ id }) => [id, { error: said }])));
    this.uppy.emit("upload-error", this.uppy.getFile(failed[0].id), new Error(said));
  }

  arrived(mine, file) {
    if (mine.announced) this.memory.forget(mine.announced.file_id);
    mine.release();
    this.moved.delete(mine);
    if (mine.gate.stopped) return; // cancelled when it was too late: it is among the files
    this.uppy.emit("upload-success", this.uppy.getFile(mine.id), { status: 200, body: file });
  }

  // Forgotten at once, not only by the sweep a day later.
  retract(mine) {
    const { announced } = mine;
    Object.assign(mine, { announced: null, done: new Map(), sent: false, bytes: 0 });
    if (!announced) return;
    this.memory.forget(announced.file_id);
    this.portal.call("DELETE", announced.cancel, { key: announced.key }).catch(() => {});
  }

  removed(id) {
    const mine = this.mines.get(id);
    this.mines.delete(id);
    this.run.delete(mine);
    if (!mine) return;
    const ended = mine.over;
    mine.gate.stop();
    mine.release();
    if (!ended || mine.failed) this.retract(mine);
  }

  begin() {
    this.meter.start();
    this.ticking ??= setInterval(() => this.tick(), TICK);
    this.awake ??= setInterval(() => this.portal.renew().catch(() => {}), AWAKE);
  }

  end() {
    if (this.underWay().length) return;
    this.meter.stop();
    clearInterval(this.ticking);
    clearInterval(this.awake);
    this.tick();
    this.run.clear();
    this.ticking = null;
    this.awake = null;
  }

  tick() {
    for (const mine of this.moved) {
      const file = this.uppy.getFile(mine.id);
      if (file) this.uppy.emit("upload-progress", file, { bytesUploaded: mine.bytes, bytesTotal: file.size });
    }
    this.moved.clear();
  }
}
