// A download that breaks goes on where it broke, and gives each byte once.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { fetchResumable, Refused } from "../../static/js/resumable-fetch.js";

const BYTES = Uint8Array.from({ length: 1000 }, (_, place) => place % 251);

// A store that gives so many bytes an answer, then breaks. `ends`: after so many answers an address has ended.
function makeStore({ perAnswer = 1000, ends = Infinity, tags = ["a"], status } = {}) {
  const store = { ranges: [], answers: 0 };
  globalThis.fetch = async (address, { headers }) => {
    store.answers += 1;
    store.ranges.push([address, headers.Range ?? ""]);
    if (status) return { status, headers: new Headers(), ok: false };
    if (store.answers > ends && address === "first") return { status: 403, headers: new Headers() };
    const from = Number(headers.Range?.match(/\d+/)[0] ?? 0);
    const part = BYTES.slice(from, from + perAnswer);
    const breaks = from + perAnswer < BYTES.length;
    let given = false;
    const read = async () => {
      if (!given) {
        given = true;
        return { value: part };
      }
      if (breaks) throw new TypeError("network error");
      return { done: true };
    };
    const tag = tags[Math.min(store.answers, tags.length) - 1];
    return { status: from ? 206 : 200, headers: new Headers({ ETag: tag }), body: { getReader: () => ({ read }) } };
  };
  return store;
}

async function collect(bytes) {
  const all = [];
  for await (const part of bytes) all.push(...part);
  return Uint8Array.from(all);
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

// Until it is settled, time passes.
async function settle(result) {
  let settled = false;
  const end = () => { settled = true; };
  result.then(end, end);
  for (let turn = 0; turn < 20_000 && !settled; turn += 1) {
    mock.timers.tick(500);
    await new Promise((done) => { setImmediate(done); });
  }
  return result;
}

test("one answer is enough", async () => {
  const store = makeStore();
  assert.deepEqual(await settle(collect(fetchResumable(1000, async () => "first"))), BYTES);
  assert.equal(store.answers, 1);
});

for (const perAnswer of [1, 7, 100, 999]) {
  test(`answers of ${perAnswer} bytes make the whole`, async () => {
    const store = makeStore({ perAnswer });
    let told = 0;
    const bytes = fetchResumable(1000, async () => "first", { tell: (count) => { told += count; } });
    assert.deepEqual(await settle(collect(bytes)), BYTES);
    assert.equal(told, 1000);
    assert.equal(store.ranges[1][1], `bytes=${perAnswer}-`);
  });
}

test("an address that has ended is exchanged for the next", async () => {
  const store = makeStore({ perAnswer: 300, ends: 2 });
  const addresses = ["first", "second"];
  assert.deepEqual(await settle(collect(fetchResumable(1000, async () => addresses.shift()))), BYTES);
  assert.deepEqual(store.ranges.map(([address]) => address), ["first", "first", "first", "second", "second"]);
});

test("bytes of another version are not mixed in", async () => {
  makeStore({ perAnswer: 300, tags: ["a", "b"] });
  await assert.rejects(settle(collect(fetchResumable(1000, async () => "first"))), Refused);
});

test("what answers with nothing is given up after three minutes", async () => {
  const store = makeStore({ status: 503 });
  await assert.rejects(settle(collect(fetchResumable(1000, async () => "first"))), /later/);
  assert.equal(store.answers, 10);
});

test("more bytes than there are is no success", async () => {
  makeStore();
  await assert.rejects(settle(collect(fetchResumable(500, async () => "first"))), Refused);
});
