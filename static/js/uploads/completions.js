// Says that files have arrived, forty at a time: the portal looks into the bucket itself and takes them in.

import { retry, sleep, ignoringPause } from "./retry.js";
import { Problem } from "./problems.js";

const FILES = 40; // the most one call confirms
const PATIENCE = 10_000; // milliseconds after which what has arrived is confirmed, however few they are
const WAITS = [500, 1000, 2000, 4000, 8000]; // milliseconds between questions whether it is there

export class Completions {
  #waiting = [];
  #timer = 0;

  constructor(portal, { path, isLast }) {
    Object.assign(this, { portal, path, isLast });
  }

  // What the portal says of the file once it has taken it in.
  confirm(item) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, announced: item.announced, resolve, reject }); // one that is cancelled has none any more
      this.look();
    });
  }

  look() {
    clearTimeout(this.#timer);
    if (this.#waiting.length >= FILES || this.isLast()) this.#ask();
    else this.#timer = setTimeout(() => this.#ask(), PATIENCE);
  }

  async #ask() {
    const batch = this.#waiting.splice(0, FILES);
    if (!batch.length) return;
    try {
      let open = batch;
      for (const wait of [...WAITS, 0]) {
        open = await this.#settle(open);
        if (!open.length) return;
        await sleep(wait);
      }
      open.forEach(({ reject }) => reject(new Problem("late")));
    } catch (problem) {
      batch.forEach(({ reject }) => reject(problem));
    }
  }

  // Of these, those that the portal has not seen yet.
  async #settle(asked) {
    const told = asked.length > 1 ? await this.#askTogether(asked) : await this.#askAlone(asked[0]);
    const byId = new Map(told.map((file) => [file.file_id, file]));
    return asked.filter(({ announced, resolve, reject }) => {
      const file = byId.get(announced.file_id);
      if (!file || file.state === "pending") return true;
      if (file.problem) reject(new Problem("refused", { said: { ...file, detail: file.problem } }));
      else resolve(file);
      return false;
    });
  }

  async #askTogether(asked) {
    const body = { files: asked.map(({ announced }) => announced.file_id) };
    const first = asked[0].item;
    try {
      return (await retry(ignoringPause(first), () => this.portal.call("POST", this.path, { body }))).files;
    } catch (problem) {
      if (problem.kind !== "ended") throw problem;
      return (await Promise.all(asked.map((each) => this.#askAlone(each)))).flat(); // each has a key of its own
    }
  }

  async #askAlone({ item, announced, reject }) {
    const { complete, key } = announced;
    try {
      const said = await retry(ignoringPause(item), () => this.portal.call("POST", complete, { body: {}, key }));
      return [{ ...said, state: said.arrived ? said.state : "pending" }];
    } catch (problem) {
      reject(problem);
      return [{ file_id: announced.file_id, state: "over" }];
    }
  }
}
