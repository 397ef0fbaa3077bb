// One request to S3 that carries a file or a part of it.

import { mustBeReadable, of, Problem } from "./problems.js";

const STALLED = 30_000; // milliseconds in which not a byte moved

// XMLHttpRequest: `fetch` tells nothing while it sends, and sends at less than half the speed.
// Throws Problem; resolves when S3 has taken the bytes. `blob` is the file's part in `body`.
export function transmit({ method, url, headers = {}, body, blob, signal, progressed }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let watch = 0;
    const give = () => request.abort();
    const moved = () => {
      clearTimeout(watch);
      watch = setTimeout(() => end(() => reject(new Problem("stalled")), true), STALLED);
    };
    const end = (settle, abort) => {
      clearTimeout(watch);
      signal.removeEventListener("abort", give);
      settle();
      if (abort) request.abort();
    };
    request.upload.addEventListener("progress", ({ loaded }) => {
      moved();
      progressed(Math.min(loaded, blob.size));
    });
    request.addEventListener("load", () => end(() => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new Problem(of(request.status), { status: request.status }));
    }));
    request.addEventListener("error", () => end(() => {
      mustBeReadable(blob).then(() => reject(new Problem("lost")), reject);
    }));
    request.addEventListener("abort", () => end(() => reject(new Problem("lost"))));
    if (signal.aborted) {
      reject(new Problem("lost"));
      return;
    }
    signal.addEventListener("abort", give);
    request.open(method, url);
    Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
    moved();
    request.send(body);
  });
}

// The fields of a presigned form, and the file after them: S3 ignores what follows it.
export function form(fields, blob) {
  const body = new FormData();
  Object.entries(fields).forEach(([name, value]) => body.append(name, value));
  body.append("file", blob);
  return body;
}
