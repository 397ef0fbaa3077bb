// The page's side of assets/hash-worker.js. Throws Problem "changed" where a file can no longer be read.

import { Problem } from "./problems.js";

export class Hashing {
  #worker;
  #asked = new Map();
  #last = 0;

  constructor(address) {
    this.#worker = new Worker(address, { type: "module" });
    this.#worker.addEventListener("message", ({ data }) => this.#settle(data));
    this.#worker.addEventListener("error", () => this.#broke());
  }

  // The SHA-256 of all of a small file, in hexadecimal.
  whole(blob) {
    return this.#ask("whole", { blob });
  }

  // One file in parts: `part(1)`, `part(2)`, ... in base64 as S3 wants it, then `total()` in hexadecimal.
  open(blob, partBytes) {
    this.#last += 1;
    const number = this.#last;
    this.#ask("open", { number, blob, partBytes }).catch(() => {}); // what fails here fails at the first part too
    return {
      part: (part) => this.#ask("part", { number, part }),
      total: () => this.#ask("total", { number }),
      close: () => this.#ask("close", { number }).catch(() => {}),
    };
  }

  #ask(what, asked) {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#worker.postMessage({ id, what, ...asked });
    });
  }

  #settle({ id, answer, problem }) {
    const { resolve, reject } = this.#asked.get(id);
    this.#asked.delete(id);
    if (!problem) resolve(answer);
    else reject(new Problem(problem === "NotReadableError" || problem === "NotFoundError" ? "changed" : "failed"));
  }

  #broke() {
    for (const { reject } of this.#asked.values()) reject(new Problem("failed"));
    this.#asked.clear();
  }
}
