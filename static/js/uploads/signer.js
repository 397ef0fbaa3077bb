// Addresses for parts, signed by the portal a few at a time and only when they are about to be needed.

import { MAX_CONNECTIONS, retry } from "./retry.js";
import { Problem } from "./problems.js";

// With no more than MAX_CONNECTIONS in hand nothing waits in line, and a connection may soon be idle: then so many are worth a
// call, at first the very first, so that bytes soon move.
const HUNGRY = [1, 2, 3, 4];
const MOST = 12; // otherwise so many: 5 to 9 calls for a GiB
const AHEAD_BYTES = 512 * 1024 * 1024; // of large parts fewer, or they would expire before their turn
const MARGIN = 60_000; // milliseconds before the end of an address at which it is no longer begun with

export class Signer {
  #queue = [];
  #signed = new Map(); // by part: its address, headers, and when it ends
  #asking = false;
  #times = 0;

  constructor(item, announced, portal) {
    Object.assign(this, { item, announced, portal });
    this.most = Math.max(2, Math.min(MOST, Math.floor(AHEAD_BYTES / announced.part_bytes)));
    this.ended = false; // nothing will be queued any more but what must be signed anew
  }

  // The address of a part. Asks again where the one in hand is about to end, as after a laptop slept.
  address(part) {
    const signed = this.#signed.get(part.number);
    if (signed && Date.now() < signed.until) return Promise.resolve(signed);
    this.#signed.delete(part.number);
    return new Promise((resolve, reject) => {
      this.#queue.push({ part, resolve, reject });
      this.#flush();
    });
  }

  forget(number) {
    this.#signed.delete(number);
    this.#flush();
  }

  end() {
    this.ended = true;
    this.#flush();
  }

  #enough() {
    const hungry = this.#signed.size <= MAX_CONNECTIONS;
    const wanted = hungry ? HUNGRY[this.#times] ?? HUNGRY.at(-1) : MOST;
    return this.ended || this.#queue.length >= Math.min(wanted, this.most);
  }

  async #flush() {
    if (this.#asking || !this.#queue.length || !this.#enough()) return;
    this.#asking = true;
    this.#times += 1;
    const batch = this.#queue.splice(0, this.most);
    const { sign, key } = this.announced;
    try {
      const body = { parts: batch.map(({ part }) => ({ number: part.number, sha256: part.sha256 })) };
      const said = await retry(this.item, (signal) => this.portal.call("POST", sign, { body, key, signal }));
      const until = Date.now() + said.seconds * 1000 - MARGIN;
      const found = new Map(said.parts.map((part) => [part.number, { ...part, until }]));
      for (const { part, resolve, reject } of batch) {
        if (!found.has(part.number)) reject(new Problem("failed"));
        this.#signed.set(part.number, found.get(part.number));
        resolve(found.get(part.number));
      }
    } catch (problem) {
      batch.forEach(({ reject }) => reject(problem));
    } finally {
      this.#asking = false;
    }
    this.#flush();
  }
}
