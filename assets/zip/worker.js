// The service worker behind "Download all": it makes one ZIP of a share's files while the browser saves it, or hands on
// one large file alone, which then goes on where it broke. Nothing is kept, packed or buffered: each file streams from its own address, so memory stays flat whatever the size. It answers
// the addresses it made up itself and nothing else; the page that asked keeps it awake and is told how far it is.

/*! client-zip, Copyright 2020 David Junger, MIT License: https://github.com/Touffy/client-zip */
import { makeZip, predictLength } from "client-zip";
import { bytesOf } from "./bytes-of.js";

const TOLD_EVERY = 250; // milliseconds

const jobs = new Map(); // by their id, which the page drew at random

// What a job leaves in the ZIP besides its files: their sums, as `sha256sum --check` reads them.
function sums({ files, sums_path }) {
  const known = files.filter((file) => file.sha256);
  const text = known.map((file) => `${file.sha256}  ${file.path}\n`).join("");
  return text ? [{ name: sums_path, input: text }] : [];
}

// The ZIP's entries, each made once its turn comes: a file is asked for, and so counted, no earlier than that.
async function* entries(job, told) {
  const lastModified = job.sent_at;
  for (const [place, file] of job.files.entries()) {
    job.at = file;
    yield { name: file.path, lastModified, input: bytesOf(file, job, (bytes) => told(place, bytes)) };
  }
  for (const each of sums(job)) yield { ...each, lastModified };
}

// One file as it is.
function alone(job, told, tell) {
  const [file] = job.files;
  job.at = file;
  const bytes = bytesOf(file, job, (more) => told(0, more), (detail) => tell({ waits: detail }));
  return { read: () => bytes.next() };
}

// The stream the browser saves. Whatever goes wrong ends it as broken, so that no ZIP looks whole that is not.
function stream(id, job) {
  const tell = (said) => job.page.postMessage({ id, ...said });
  let bytes = 0;
  let last = 0;
  const told = (place, more) => {
    bytes += more;
    if (more && Date.now() - last < TOLD_EVERY) return;
    last = Date.now();
    tell({ place, bytes });
  };
  const reader = job.alone ? alone(job, told, tell) : makeZip(entries(job, told)).getReader();
  const over = (said) => {
    if (jobs.delete(id)) tell(said);
  };
  return new ReadableStream({
    start(controller) {
      job.stop.signal.addEventListener("abort", () => {
        controller.error(job.stop.signal.reason);
        over({ cancelled: true });
      });
    },
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        if (value) controller.enqueue(value);
        if (!done) return;
        controller.close();
        over({ done: true, bytes });
      } catch (problem) {
        controller.error(problem);
        over({ failed: job.at.path, detail: problem.detail ?? "" });
      }
    },
    cancel() {
      job.stop.abort(); // in the browser's own list of downloads
    },
  });
}

function answer(id, job) {
  const { files, name } = job;
  const length = job.alone ? files[0].size : predictLength([...files.map(({ path, size }) => ({ name: path, size })), ...sums(job)]);
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`);
  return new Response(stream(id, job), {
    headers: {
      "Content-Type": job.alone ? "application/octet-stream" : "application/zip",
      "Content-Length": length, // with it a browser sees that a ZIP is not whole, should this worker be stopped
      "Content-Disposition": `attachment; filename*=UTF-8''${encoded}`,
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    },
  });
}

const spoken = {
  start({ id, job }, page) {
    jobs.set(id, { ...job, sent_at: new Date(job.sent_at), page, stop: new AbortController(), at: null });
    page.postMessage({ id, ready: true });
  },
  // A browser stops a worker it takes for idle, after half a minute; a worker started anew knows nothing.
  stay({ id }, page) {
    if (!jobs.has(id)) page.postMessage({ id, lost: true });
  },
  cancel({ id }, page) {
    const job = jobs.get(id);
    job?.stop.abort();
    if (job && !job.begun && jobs.delete(id)) page.postMessage({ id, cancelled: true });
  },
};

self.addEventListener("message", ({ data, source }) => spoken[data.say]?.(data, source));

self.addEventListener("fetch", (event) => {
  const id = new URL(event.request.url).pathname.split("/").at(-1);
  const job = jobs.get(id);
  if (!job || job.begun) return;
  job.begun = true;
  event.respondWith(answer(id, job));
});
