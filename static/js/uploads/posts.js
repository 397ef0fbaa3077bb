// Many small files: announced in batches, posted side by side, and confirmed in batches, so that a thousand of them
// take fifty calls to the portal.

import { Completions } from "./completions.js";
import { retry, ignoringPause } from "./retry.js";
import { form, transmit } from "./xhr.js";

const FILES = 40; // the most one call announces
const BYTES = 256 * 1024 * 1024; // and no more than this, or the last form would expire before its turn
const IN_HAND = 12; // announced and not yet sent: below this the next batch is announced

class Posts {
  constructor({ portal, slots, hashing, paths, settle, draft, announced }) {
    Object.assign(this, { portal, slots, hashing, paths, settle, draft, announced });
    this.queue = [];
    this.sending = new Set();
    this.inHand = 0;
    this.running = null;
    this.completions = new Completions(portal, {
      path: paths.several, isLast: () => this.inHand === 0 && this.queue.length === 0 && !this.running,
    });
  }

  async send(all) {
    this.queue.push(...all.filter((item) => !item.announced));
    all.filter((item) => item.announced).forEach((item) => this.begin(item, true));
    this.running ??= this.announce().finally(() => {
      this.running = null;
      this.completions.look();
    });
    await this.running;
    await Promise.all(this.sending);
  }

  async announce() {
    while (this.queue.length) {
      while (this.inHand >= IN_HAND) await this.waitForRoom();
      const batch = await this.hashBatch(this.take());
      if (batch.length) (await this.announceBatch(batch)).forEach((item) => this.begin(item, false));
    }
  }

  waitForRoom() {
    return new Promise((made) => { this.made = made; });
  }

  take() {
    const batch = [];
    let bytes = 0;
    while (this.queue.length && batch.length < FILES && (!batch.length || bytes + this.queue[0].blob.size <= BYTES)) {
      const item = this.queue.shift();
      if (item.gate.stopped) continue;
      bytes += item.blob.size;
      batch.push(item);
    }
    return batch;
  }

  async hashBatch(batch) {
    const hashed = await Promise.all(batch.map(async (item) => {
      try {
        item.sha256 = await this.hashing.whole(item.blob);
        return item;
      } catch (problem) {
        this.settle(item, problem);
        return null;
      }
    }));
    return hashed.filter(Boolean);
  }

  // Announces them all, but for those that the portal refuses by name. Those that may be sent.
  async announceBatch(batch) {
    const files = batch.map((item) => ({ name: item.name, size: item.blob.size, folder: item.folder, sha256: item.sha256 }));
    const body = this.draft ? { files, draft_id: this.draft } : { files };
    const once = crypto.randomUUID();
    try {
      const said = await retry(ignoringPause(batch[0]), () => this.portal.call("POST", this.paths.uploads, { body, once }));
      batch.forEach((item, place) => { item.announced = said.uploads[place]; });
      this.announced();
      return batch;
    } catch (problem) {
      const place = problem.said?.file;
      if (Number.isInteger(place) && batch[place]) {
        this.settle(batch[place], problem);
        const rest = batch.filter((_, other) => other !== place);
        return rest.length ? this.announceBatch(rest) : [];
      }
      this.settle([...batch, ...this.queue.splice(0)], problem); // the session, or the quota: the others would hear the same
      return [];
    }
  }

  begin(item, again) {
    this.inHand += 1;
    const sent = this.post(item, again).then((file) => this.settle(item, null, file), (problem) => this.settle(item, problem));
    const done = sent.finally(() => this.sending.delete(done));
    this.sending.add(done);
  }

  async post(item, again) {
    try {
      if (!item.sent) await this.transmit(item, again);
    } finally {
      this.inHand -= 1;
      if (this.inHand < IN_HAND) this.made?.();
      this.completions.look();
    }
    return this.completions.confirm(item);
  }

  async transmit(item, again) {
    let stale = again;
    await retry(item, async (signal) => {
      const { announced } = item;
      if (stale) Object.assign(announced, await this.portal.call("POST", `${announced.state_url}/form`, { key: announced.key, signal }));
      stale = false;
      try {
        await this.slots.run(signal, () => transmit({
          method: "POST", url: announced.url, body: form(announced.fields, item.blob), blob: item.blob, signal,
          progressed: (bytes) => item.reportProgress(bytes),
        }));
      } catch (problem) {
        stale = problem.kind === "expired";
        item.reportProgress(0);
        throw problem;
      }
    });
    item.sent = true;
  }
}

export function posts(means) {
  const sender = new Posts(means);
  return (all) => sender.send(all);
}
