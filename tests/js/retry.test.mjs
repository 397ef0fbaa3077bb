// Trying again: when, how often, and what ends it. Time is node's own mock, so nothing here waits.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Problem } from "../../static/js/uploads/problems.js";
import { backoff, ignoringPause, PauseGate, retry, Semaphore, Stopped } from "../../static/js/uploads/retry.js";

const turns = async (count = 20) => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};
// Lets everything happen that these milliseconds bring.
const passTime = async (milliseconds) => {
  for (let passed = 0; passed < milliseconds; passed += 250) {
    mock.timers.tick(250);
    await turns();
  }
};
const makeItem = () => ({ gate: new PauseGate(), failed: null, waiting: false });
const failing = (kind, times) => {
  let calls = 0;
  return { attempt: async () => { calls += 1; if (calls <= times) throw new Problem(kind); return "done"; }, calls: () => calls };
};

let listeners;
beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  listeners = [];
  Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });
  globalThis.window = { addEventListener: (_, done) => listeners.push(done) };
});
afterEach(() => mock.timers.reset());

test("what fails in passing is tried again until it succeeds", async () => {
  const { attempt, calls } = failing("busy", 3);
  const result = retry(makeItem(), attempt);
  await passTime(10_000);
  assert.equal(await result, "done");
  assert.equal(calls(), 4);
});

for (const [kind, most] of [["expired", 5], ["damaged", 5], ["busy", 24], ["lost", 24], ["stalled", 24]]) {
  test(`${kind} is tried ${most} times and no more`, async () => {
    const { attempt, calls } = failing(kind, Infinity);
    const result = assert.rejects(retry(makeItem(), attempt), { kind });
    await passTime(30 * 60_000);
    await result;
    assert.equal(calls(), most);
  });
}

for (const kind of ["refused", "ended", "changed", "gone", "late"]) {
  test(`${kind} is not tried again`, async () => {
    const { attempt, calls } = failing(kind, Infinity);
    await assert.rejects(retry(makeItem(), attempt), { kind });
    assert.equal(calls(), 1);
  });
}

test("pauses grow to half a minute, and half of each is chance", () => {
  for (let failures = 0; failures < 40; failures += 1) {
    const longest = Math.min(30_000, 500 * 2 ** failures);
    for (let each = 0; each < 50; each += 1) {
      assert.ok(backoff(failures) >= longest / 2);
      assert.ok(backoff(failures) <= longest);
    }
  }
});

test("without a connection it waits for one, and that is no failure", async () => {
  navigator.onLine = false;
  const { attempt, calls } = failing("busy", 0);
  const result = retry(makeItem(), attempt);
  await passTime(60 * 60_000);
  assert.equal(calls(), 0);
  navigator.onLine = true;
  listeners.forEach((done) => done());
  assert.equal(await result, "done");
});

test("a pause gives up what is in flight, and it begins again afterwards", async () => {
  const item = makeItem();
  let began = 0;
  const result = retry(item, (signal) => new Promise((resolve, reject) => {
    began += 1;
    if (began === 2) resolve("done");
    signal.addEventListener("abort", () => reject(new Error("aborted")));
  }));
  await turns();
  item.gate.pause();
  await turns();
  assert.equal(began, 1);
  item.gate.resume();
  assert.equal(await result, "done");
});

test("what is stopped ends, paused or not", async () => {
  for (const paused of [false, true]) {
    const item = makeItem();
    if (paused) item.gate.pause();
    const result = assert.rejects(retry(item, () => new Promise(() => {})), Stopped);
    await turns();
    if (!paused) {
      item.gate.stop();
      await assert.rejects(retry(item, async () => "done"), Stopped);
      break;
    }
    item.gate.stop();
    await result;
  }
});

test("what must not be given up goes on through a pause", async () => {
  const item = makeItem();
  item.gate.pause();
  assert.equal(await retry(ignoringPause(item), async () => "done"), "done");
});

// So many jobs that end when they are told to.
const makeJobs = (semaphore, count) => Array.from({ length: count }, () => {
  const job = { running: false };
  job.result = semaphore.run(new AbortController().signal, () => new Promise((resolve, reject) => {
    Object.assign(job, { running: true, resolve, reject });
  })).catch((problem) => problem);
  return job;
});

test("no more than so many run at once, in the order they came", async () => {
  const jobs = makeJobs(new Semaphore(2), 5);
  await turns();
  assert.deepEqual(jobs.map(({ running }) => running), [true, true, false, false, false]);
  jobs[0].resolve();
  await turns();
  assert.deepEqual(jobs.map(({ running }) => running), [true, true, true, false, false]);
});

test("connections that break halve how many run, and arrivals bring them back", async () => {
  const semaphore = new Semaphore(4);
  const jobs = makeJobs(semaphore, 12);
  await turns();
  const count = () => jobs.filter((job) => job.running && !job.ended).length;
  const end = async (job, problem) => {
    job.ended = true;
    if (problem) job.reject(problem);
    else job.resolve();
    await turns();
  };
  assert.equal(count(), 4);
  await end(jobs[0], new Problem("lost"));
  await end(jobs[1], new Problem("stalled"));
  assert.equal(count(), 2);
  await end(jobs[2]);
  assert.equal(count(), 2);
  await end(jobs[3]);
  assert.ok(count() >= 2);
  for (const job of jobs.filter((each) => each.running && !each.ended)) await end(job);
  assert.ok(count() >= 3);
});

test("who is aborted while waiting leaves the queue", async () => {
  const semaphore = new Semaphore(1);
  const [first] = makeJobs(semaphore, 1);
  const gone = new AbortController();
  let ran = false;
  const waiting = assert.rejects(semaphore.run(gone.signal, async () => { ran = true; }), Stopped);
  await turns();
  gone.abort();
  await waiting;
  first.resolve();
  await turns();
  assert.equal(ran, false);
  assert.equal(await semaphore.run(new AbortController().signal, async () => "next"), "next");
});
