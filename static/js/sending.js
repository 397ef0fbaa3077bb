// Sends Uppy's files to S3: announce each to the portal, post it with the form the portal signed, say that it arrived.
// Each step is repeated where repeating can help; what the portal refuses is shown in its own words.

const AT_ONCE = 4; // six connections a host is what browsers have; two stay for the portal itself
const WAITS = [500, 1000, 2000, 4000, 8000]; // milliseconds between questions whether the file has arrived
const AWAKE = 10 * 60 * 1000; // a session ends after half an hour without a request, a file may take hours
const EXPIRED = 403; // S3's answer to a form that is too old or was changed

class Refused extends Error {}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// One call to the portal. Throws Refused with the portal's words; a lost connection as the browser reports it.
async function call(method, path, token, body) {
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), keepalive: method === "DELETE" });
  const said = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Refused(said.detail ?? ""), { status: answer.status });
  return { ...said, arrived: answer.status === 200 };
}

// The form and the file, in one POST that tells how far it is. The file comes last: S3 ignores what follows it.
function post(form, file, signal, progressed) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    Object.entries(form.fields).forEach(([name, value]) => body.append(name, value));
    body.append("file", file.data);
    const request = new XMLHttpRequest(); // fetch tells nothing while it sends, and sends at half the speed
    request.upload.addEventListener("progress", (event) => progressed(event.loaded, event.total));
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(Object.assign(new Error(), { status: request.status }))));
    request.addEventListener("error", () => reject(new Error()));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", form.url);
    request.send(body);
  });
}

// A large file goes in parts, each by an address of its own that S3 takes only these bytes by.
async function putParts({ part_bytes: each, part_count: count, sign }, file, signal, progressed, token) {
  for (let number = 1; number <= count; number += 1) {
    signal.throwIfAborted();
    const body = file.data.slice((number - 1) * each, number * each);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await body.arrayBuffer()));
    const asked = { parts: [{ number, sha256: btoa(String.fromCharCode(...digest)) }] };
    const [part] = (await call("POST", sign, token, asked)).parts;
    const answer = await fetch(part.url, { method: "PUT", headers: part.headers, body, signal });
    if (!answer.ok) throw Object.assign(new Error(), { status: answer.status });
    progressed(Math.min(number * each, file.size), file.size);
  }
}

// The portal looks into the bucket itself; right after a POST the object may take a moment to be there.
async function confirm(announced, token) {
  for (const wait of [...WAITS, 0]) {
    try {
      const said = await call("POST", announced.complete, token);
      if (said.arrived) return said;
    } catch (problem) {
      if (problem.status === 401) break; // signed out meanwhile; the bucket's event takes the file in all the same
      if (problem instanceof Refused && problem.status < 500) throw problem;
    }
    await pause(wait);
  }
  throw new Error("late");
}

export default function sending(uppy, { uploads, session, token, words }) {
  const underWay = new Map(); // by Uppy's id: what stops it, and what the portal was told

  // What was announced and will not come is forgotten at once, not only by the sweep a day later.
  function retract(mine) {
    if (mine.announced) call("DELETE", mine.announced.cancel, token).catch(() => {});
  }

  async function send(id, mine) {
    const file = uppy.getFile(id);
    const progressed = (sent, all) => uppy.emit("upload-progress", uppy.getFile(id), {
      uploadStarted: file.progress.uploadStarted ?? Date.now(),
      bytesUploaded: Math.round((sent / all) * file.size),
      bytesTotal: file.size,
    });
    if (!mine.sent) {
      mine.announced = await call("POST", uploads, token, { name: file.name, size: file.size });
      mine.stop.signal.throwIfAborted();
      const awake = setInterval(() => call("GET", session, token).catch(() => {}), AWAKE);
      const sent = mine.announced.sign
        ? putParts(mine.announced, file, mine.stop.signal, progressed, token)
        : post(mine.announced, file, mine.stop.signal, progressed);
      await sent.finally(() => clearInterval(awake));
      mine.sent = true; // a retry after this only asks again whether it arrived
    }
    const ready = await confirm(mine.announced, token);
    underWay.delete(id);
    uppy.emit("upload-success", uppy.getFile(id), { status: 201, body: ready });
  }

  function sentence(problem) {
    if (problem instanceof Refused) return problem.message || words.failed;
    if (problem.message === "late") return words.late;
    return problem.status === EXPIRED ? words.expired : words.failed;
  }

  async function sendOrSay(id) {
    if (!uppy.getFile(id)) return;
    const mine = underWay.get(id) ?? { stop: new AbortController(), announced: null, sent: false };
    underWay.set(id, mine);
    try {
      await send(id, mine);
    } catch (problem) {
      if (problem.message !== "late") {
        underWay.delete(id);
        retract(mine);
      }
      const file = uppy.getFile(id);
      if (file && problem.name !== "AbortError") uppy.emit("upload-error", file, new Error(sentence(problem)));
    }
  }

  uppy.on("file-removed", ({ id }) => {
    const mine = underWay.get(id);
    underWay.delete(id);
    mine?.stop.abort(new DOMException("cancelled", "AbortError"));
    if (mine?.sent) retract(mine);
  });
  uppy.addUploader(async (ids) => {
    const waiting = [...ids];
    uppy.emit("upload-start", uppy.getFilesByIds(ids));
    const work = async () => {
      while (waiting.length) await sendOrSay(waiting.shift());
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  });
}
