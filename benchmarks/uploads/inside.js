// What runs in the page: files made there, and the ways to send them that ours is measured beside. Every function that
// sends resolves with the milliseconds it took, and rejects where anything failed.
import AwsS3 from "@uppy/aws-s3";
import { Uppy } from "@uppy/core";
import { Reading } from "../../assets/reading.js";

const BLOCK = 1024 * 1024; // as parts are whole MiB: a slice that cuts through a block has Chromium copy it
const RANDOM = 65_536; // the most getRandomValues gives at once

// A File over Blobs: what the page sends is read by the browser itself, as a file from the disk is. The bytes repeat
// after a block, which nothing on the way notices.
function makeFile(bytes, name) {
  const block = new Uint8Array(Math.min(bytes, BLOCK));
  for (let from = 0; from < block.length; from += RANDOM) crypto.getRandomValues(block.subarray(from, from + RANDOM));
  const blob = new Blob([block]);
  const pieces = Array(Math.floor(bytes / block.length)).fill(blob);
  return new File([...pieces, blob.slice(0, bytes % block.length)], name, { type: "application/octet-stream" });
}

async function timed(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

// One request with everything, with its progress listened to as any page would.
function request(method, url, body) {
  return new Promise((resolve, reject) => {
    const sent = new XMLHttpRequest();
    sent.upload.addEventListener("progress", () => {});
    sent.addEventListener("load", () => (sent.status < 300 ? resolve() : reject(new Error(`${sent.status} ${sent.responseText}`))));
    sent.addEventListener("error", () => reject(new Error("no answer")));
    sent.open(method, url);
    sent.send(body);
  });
}

function form({ url, fields }, file) {
  const body = new FormData();
  Object.entries(fields).forEach(([name, value]) => body.append(name, value));
  body.append("file", file);
  return request("POST", url, body);
}

const put = ({ bytes, url }) => timed(() => request("PUT", url, makeFile(bytes, "put.bin")));
const post = ({ bytes, signed }) => timed(() => form(signed, makeFile(bytes, "post.bin")));

// Uppy's own plugin with everything at its default. Its requests are signed by the benchmark, so that it asks no server
// between two parts; the plugin's own signing in the browser writes "~" otherwise than S3 does, and radosgw's ids hold one.
function uppy({ bytes }) {
  const its = new Uppy();
  its.use(AwsS3, { signRequest: async (asked) => ({ url: await globalThis.signed(asked) }) });
  its.addFile({ name: "uppy.bin", type: "application/octet-stream", data: makeFile(bytes, "uppy.bin") });
  return timed(async () => {
    const { failed } = await its.upload();
    if (failed.length) throw new Error(failed[0].error);
  });
}

const manyFiles = (count, bytes) => Array.from({ length: count }, (_, number) => makeFile(bytes, `${number}.bin`));

// The same presigned form for each file, one after another: not even the portal is asked.
function postsInTurn({ count, bytes, signed }) {
  return timed(async () => {
    for (const file of manyFiles(count, bytes)) {
      const fields = { ...signed.fields, key: signed.fields.key.replace("${filename}", file.name) };
      await form({ url: signed.url, fields }, file);
    }
  });
}

async function ask(path, token, body) {
  const headers = { "X-CSRFToken": token, Accept: "application/json", "Content-Type": "application/json" };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return { status: answer.status, ...await answer.json() };
}

// What the page was told: where to announce, and its token.
const told = () => JSON.parse(document.querySelector("[data-upload]").dataset.upload);

// One request after another: announce a file, post it, say that it is there, then the next.
function inTurn({ count, bytes }) {
  const { paths: { uploads }, token } = told();
  return timed(async () => {
    for (const file of manyFiles(count, bytes)) {
      const announced = await ask(uploads, token, { name: file.name, size: file.size });
      await form(announced, file);
      while ((await ask(announced.complete, token, {})).status !== 200) await new Promise((done) => { setTimeout(done, 100); });
    }
  });
}

// Our own modules as they are, with all of the hashing, with that of the parts alone, or with none.
async function parts({ bytes, hashing }) {
  const load = (name) => import(`/static/js/uploads/${name}.js`);
  const [{ sendParts }, { Mine }, { Slots }, { Portal }, { Hashing }] = await Promise.all(["parts", "mine", "patience", "portal", "hashing"].map(load));
  const page = told();
  const kinds = { all: () => new Hashing(page.worker), parts: () => ({ open: partsAlone }), none: () => ({ open: nothing }) };
  const portal = new Portal(page);
  const data = makeFile(bytes, "parts.bin");
  const mine = new Mine({ id: "parts", data, name: data.name, meta: {} }, () => {});
  const means = { portal, slots: new Slots(6), hashing: kinds[hashing]() };
  return timed(async () => {
    mine.announced = await portal.call("POST", page.paths.uploads, { body: { name: mine.name, size: bytes } });
    await sendParts(mine, means);
  });
}

// A digest that is none: radosgw does not look at it, so a part is sent as it would be without.
const nothing = () => ({ part: async () => btoa("\0".repeat(32)), total: async () => undefined, close: () => {} });

const partsAlone = (blob, bytes) => {
  const reading = new Reading();
  return {
    ...nothing(),
    part: async (number) => {
      const read = await reading.fill(blob.slice((number - 1) * bytes, number * bytes));
      return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", read))));
    },
  };
};

// Into the page's own drop area, as if somebody had chosen them.
function choose({ count, bytes }) {
  const chosen = new DataTransfer();
  manyFiles(count, bytes).forEach((file) => chosen.items.add(file));
  const input = document.querySelector(".uppy-Dashboard-input");
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// From the press of the button until the page says that all have arrived.
function send() {
  const [done, problems] = ["uploaded", "not-uploaded"].map((id) => document.getElementById(id));
  return timed(() => new Promise((resolve, reject) => {
    new MutationObserver(() => {
      if (!problems.hidden) reject(new Error(problems.textContent));
      else if (!done.hidden) resolve();
    }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["hidden"] });
    document.querySelector(".uppy-StatusBar-actionBtn--upload").click();
  }));
}

globalThis.inside = { choose, inTurn, parts, post, postsInTurn, put, send, uppy };
