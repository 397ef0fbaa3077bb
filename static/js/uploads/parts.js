// A large file: parts side by side, each with the SHA-256 that S3 holds it to, and what S3 has already is not sent again.

import { retry, sleep } from "./retry.js";
import { Problem } from "./problems.js";
import { Signer } from "./signer.js";
import { transmit } from "./xhr.js";

const AHEAD = 24; // parts hashed and not yet sent; of each only its digest is kept
const ROUNDS = 3; // how often parts that the portal misses are sent again
const WAITS = [500, 1000, 2000, 4000, 8000]; // milliseconds between questions whether it is there

class Parts {
  constructor(item, { portal, slots, hashing }) {
    const { announced } = item; // kept, since one that is cancelled has none any more
    Object.assign(this, { item, announced, portal, slots });
    this.signer = new Signer(item, announced, portal);
    this.hashed = hashing.open(item.blob, announced.part_bytes);
    this.loaded = new Map(); // of parts on their way: bytes that S3 has of them
    this.open = new Set();
  }

  slice(number) {
    const { part_bytes: bytes } = this.announced;
    return this.item.blob.slice((number - 1) * bytes, number * bytes);
  }

  // Sends what S3 lacks. The SHA-256 of the whole file.
  async send() {
    const { item } = this;
    try {
      for (let number = 1; number <= this.announced.part_count && !item.failed; number += 1) {
        await item.gate.enter();
        while (this.open.size >= AHEAD && !item.failed) await Promise.race(this.open);
        const sha256 = await this.hashed.part(number);
        if (item.done.get(number) !== sha256) this.begin({ number, sha256 });
      }
      this.signer.end();
      const whole = item.failed ? "" : await this.hashed.total();
      await Promise.all(this.open);
      if (item.failed) throw item.failed;
      return whole;
    } catch (problem) {
      this.fail(problem);
      await Promise.all(this.open);
      throw item.failed;
    } finally {
      this.hashed.close();
    }
  }

  begin(part) {
    this.item.done.delete(part.number);
    this.reportProgress();
    const sent = this.put(part).catch((problem) => this.fail(problem)).finally(() => this.open.delete(sent));
    this.open.add(sent);
  }

  // The first failure is the file's; the other parts are given up at once.
  fail(problem) {
    if (this.item.failed) return;
    this.item.failed = problem;
    this.item.gate.interrupt();
    this.signer.end();
  }

  async put(part) {
    await retry(this.item, async (signal) => {
      const address = await this.signer.address(part);
      try {
        await this.slots.run(signal, () => this.transmit(part, address, signal));
      } catch (problem) {
        this.signer.forget(part.number);
        if (problem.kind === "damaged") await this.checkUnchanged(part);
        throw problem;
      } finally {
        this.loaded.delete(part.number);
      }
    });
    this.item.done.set(part.number, part.sha256);
    this.signer.forget(part.number);
    this.reportProgress();
  }

  // S3 says that other bytes arrived. If the file reads the same as before, they were damaged on the way.
  async checkUnchanged(part) {
    if (await this.hashed.part(part.number) !== part.sha256) throw new Problem("changed");
  }

  transmit({ number }, { url, headers }, signal) {
    const blob = this.slice(number);
    const progressed = (bytes) => {
      this.loaded.set(number, bytes);
      this.reportProgress();
    };
    return transmit({ method: "PUT", url, headers, body: blob, blob, signal, progressed });
  }

  reportProgress(counts = true) {
    const { part_bytes: bytes, part_count: count } = this.announced;
    let sent = 0;
    for (const number of this.item.done.keys()) {
      sent += number < count ? bytes : this.item.blob.size - (count - 1) * bytes;
    }
    for (const part of this.loaded.values()) sent += part;
    this.item.reportProgress(sent, counts);
  }
}

export async function sendParts(item, means) {
  for (let round = 1; ; round += 1) {
    const parts = new Parts(item, means);
    parts.reportProgress(false);
    const sha256 = await parts.send().catch((problem) => {
      if (problem.kind !== "gone") throw problem;
      item.failed = null;
      return undefined;
    });
    try {
      return await complete(item, parts.announced, means.portal, sha256);
    } catch (problem) {
      if (problem.said?.reason !== "parts_missing" || round >= ROUNDS) throw problem;
      problem.said.missing.forEach((number) => item.done.delete(number));
    }
  }
}

async function complete(item, { complete: path, key }, portal, sha256) {
  for (const wait of [...WAITS, 0]) {
    const said = await retry(item, (signal) => portal.call("POST", path, { body: { sha256 }, key, signal }));
    if (said.arrived) return said;
    await sleep(wait);
  }
  throw new Problem("late");
}

// What S3 has of an upload that was begun earlier: by part, its SHA-256. Null where there is no such upload any more.
export async function storedParts(announced, item, portal) {
  try {
    const said = await retry(item, (signal) => portal.call("GET", announced.state_url, { key: announced.key, signal }));
    if (said.state !== "pending" || !said.part_bytes) return null;
    return { announced: { ...announced, ...said }, done: new Map(said.parts.map(({ number, sha256 }) => [number, sha256])) };
  } catch (problem) {
    if (problem.kind === "refused") return null;
    throw problem;
  }
}
