// Trying again: with backoff and jitter, when there is a connection, and while nobody has paused or cancelled.

const FIRST = 500; // milliseconds
const MOST = 30_000;
const TRIES = { expired: 5, damaged: 5 }; // more than this is no accident
const TRIES_OTHERWISE = 24; // about ten minutes without any answer; a connection that is known to be gone is not counted

export class Stopped extends Error {}

export const sleep = (milliseconds, signal) => new Promise((done) => {
  const timer = setTimeout(done, milliseconds);
  signal?.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
});

// Half of it always and half by chance, so that many browsers do not come back at the same moment.
export const backoff = (failures) => Math.min(MOST, FIRST * 2 ** failures) * (0.5 + Math.random() / 2);

export function waitUntilOnline(signal) {
  if (navigator.onLine) return Promise.resolve();
  return new Promise((done) => {
    window.addEventListener("online", done, { once: true, signal });
    signal?.addEventListener("abort", done, { once: true });
  });
}

// What one upload passes before each step. `pause` aborts what is in flight; `stop` for good.
export class PauseGate {
  #now = new AbortController();
  #closed = null;
  stopped = false;

  async enter() {
    while (this.#closed && !this.stopped) await this.#closed.wait;
    if (this.stopped) throw new Stopped();
    return this.#now.signal;
  }

  pause() {
    if (this.#closed || this.stopped) return;
    this.#closed = {};
    this.#closed.wait = new Promise((open) => { this.#closed.open = open; });
    this.#now.abort();
  }

  resume() {
    this.#now = this.#closed ? new AbortController() : this.#now;
    this.#closed?.open();
    this.#closed = null;
  }

  // What runs now is given up, what begins later may pass: one part that failed ends the others of its file.
  interrupt() {
    this.#now.abort();
    this.#now = new AbortController();
  }

  stop() {
    this.stopped = true;
    this.#now.abort();
    this.#closed?.open();
  }
}

// attempt(signal) until it succeeds. Throws what trying again cannot help, Stopped once the gate is shut for good.
// `item.waiting` tells the person that nothing moves for want of a connection.
export async function retry(item, attempt) {
  for (let failures = 0; ;) {
    const signal = await item.gate.enter();
    if (item.failed) throw item.failed;
    if (!navigator.onLine) {
      await waitUntilOnline(signal);
      continue;
    }
    try {
      return await attempt(signal);
    } catch (problem) {
      if (signal.aborted) continue; // paused, stopped or failed elsewhere: the way in tells which
      if (!problem.passing) throw problem;
      if (!navigator.onLine) continue;
      failures += 1;
      if (failures >= (TRIES[problem.kind] ?? TRIES_OTHERWISE)) throw problem;
      item.waiting = failures > 1 && (problem.kind === "lost" || problem.kind === "stalled");
      await sleep(backoff(failures), signal);
    }
  }
}

// For what goes on while its file is paused, and although its neighbour in a batch is taken back.
export const ignoringPause = (item) => ({
  set waiting(value) { item.waiting = value; },
  gate: { enter: () => new AbortController().signal },
});

export const MAX_CONNECTIONS = 6; // connections that browsers open to one host
const BROKEN = new Set(["lost", "stalled"]);

// At most so many at once, over all files. Each connection that breaks halves that, each that arrives adds one again: on a
// line that keeps breaking a few parts arrive rather than none. Who waits and is aborted leaves the queue.
export class Semaphore {
  #most;
  #now;
  #busy = 0;
  #queue = [];

  constructor(number) {
    this.#most = number;
    this.#now = number;
  }

  async run(signal, work) {
    await this.#take(signal);
    try {
      const done = await work();
      this.#now = Math.min(this.#most, this.#now + 1);
      return done;
    } catch (problem) {
      if (!signal.aborted && BROKEN.has(problem.kind)) this.#now = Math.max(1, Math.floor(this.#now / 2));
      throw problem;
    } finally {
      this.#busy -= 1;
      this.#next();
    }
  }

  #next() {
    while (this.#queue.length && this.#busy < this.#now) {
      this.#busy += 1;
      this.#queue.shift().go();
    }
  }

  #take(signal) {
    if (signal.aborted) throw new Stopped();
    if (this.#busy < this.#now) {
      this.#busy += 1;
      return undefined;
    }
    return new Promise((go, leave) => {
      const waiting = { go };
      this.#queue.push(waiting);
      signal.addEventListener("abort", () => {
        const place = this.#queue.indexOf(waiting);
        if (place < 0) return;
        this.#queue.splice(place, 1);
        leave(new Stopped());
      }, { once: true });
    });
  }
}
