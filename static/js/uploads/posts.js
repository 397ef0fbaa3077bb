// Many small files: announced in batches, posted side by side, and confirmed in batches, so that a thousand of them
// take fifty calls to the portal.

import { Arrivals } from "./arrivals.js";
import { insist, regardless } from "./patience.js";
import { form, transmit } from "./transmit.js";

const FILES = 40; // the most one call announces
const BYTES = 256 * 1024 * 1024; // and no more than this, or the last form would expire before its turn
const IN_HAND = 12; // announced and not yet sent: below this the next batch is announced

class Posts {
  constructor({ portal, slots, hashing, paths, settle }) {
    Object.assign(this, { portal, slots, hashing, paths, settle });
    this.queue = [];
    this.sending = new Set();
    this.inHand = 0;
    this.running = null;
    this.arrivals = new Arrivals(portal, {
      path: paths.several, isLast: () => this.inHand === 0 && this.queue.length === 0 && !this.running,
    });
  }

  async send(all) {
    this.queue.push(...all.filter((mine) => !mine.announced));
    all.filter((mine) => mine.announced).forEach((mine) => this.begin(mine, true));
    this.running ??= this.announce().finally(() => {
      this.running = null;
      this.arrivals.look();
    });
    await this.running;
    await Promise.all(this.sending);
  }

  async announce() {
    while (this.queue.length) {
      while (this.inHand >= IN_HAND) await this.room();
      const batch = await this.readable(this.take());
      if (batch.length) (await this.announced(batch)).forEach((mine) => this.begin(mine, false));
    }
  }

  room() {
    return new Promise((made) => { this.made = made; });
  }

  take() {
    const batch = [];
    let bytes = 0;
    while (this.queue.length && batch.length < FILES && (!batch.length || bytes + this.queue[0].blob.size <= BYTES)) {
      const mine = this.queue.shift();
      if (mine.gate.stopped) continue;
      bytes += mine.blob.size;
      batch.push(mine);
    }
    return batch;
  }

  async readable(batch) {
    const hashed = await Promise.all(batch.map(async (mine) => {
      try {
        mine.sha256 = await this.hashing.whole(mine.blob);
        return mine;
      } catch (problem) {
        this.settle(mine, problem);
        return null;
      }
    }));
    return hashed.filter(Boolean);
  }

  // Announces them all, but for those that the portal refuses by name. Those that may be sent.
  async announced(batch) {
    const body = { files: batch.map((mine) => ({ name: mine.name, size: mine.blob.size, folder: mine.folder, sha256: mine.sha256 })) };
    const once = crypto.randomUUID();
    try {
      const said = await insist(regardless(batch[0]), () => this.portal.call("POST", this.paths.uploads, { body, once }));
      batch.forEach((mine, place) => { mine.announced = said.uploads[place]; });
      return batch;
    } catch (problem) {
      const place = problem.said?.file;
      if (Number.isInteger(place) && batch[place]) {
        this.settle(batch[place], problem);
        const rest = batch.filter((_, other) => other !== place);
        return rest.length ? this.announced(rest) : [];
      }
      this.settle([...batch, ...this.queue.splice(0)], problem); // the session, or the quota: the others would hear the same
      return [];
    }
  }

  begin(mine, again) {
    this.inHand += 1;
    const sent = this.post(mine, again).then((file) => this.settle(mine, null, file), (problem) => this.settle(mine, problem));
    const done = sent.finally(() => this.sending.delete(done));
    this.sending.add(done);
  }

  async post(mine, again) {
    try {
      if (!mine.sent) await this.transmit(mine, again);
    } finally {
      this.inHand -= 1;
      if (this.inHand < IN_HAND) this.made?.();
      this.arrivals.look();
    }
    return this.arrivals.confirmed(mine);
  }

  async transmit(mine, again) {
    let stale = again;
    await insist(mine, async (signal) => {
      const { announced } = mine;
      if (stale) Object.assign(announced, await this.portal.call("POST", `${announced.state_url}/form`, { key: announced.key, signal }));
      stale = false;
      try {
        await this.slots.use(signal, () => transmit({
          method: "POST", url: announced.url, body: form(announced.fields, mine.blob), blob: mine.blob, signal,
          progressed: (bytes) => mine.progressed(bytes),
        }));
      } catch (problem) {
        stale = problem.kind === "expired";
        mine.progressed(0);
        throw problem;
      }
    });
    mine.sent = true;
  }
}

export function posts(means) {
  const sender = new Posts(means);
  return (all) => sender.send(all);
}
