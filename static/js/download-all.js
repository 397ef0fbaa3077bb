// "Download all": has the service worker make one ZIP of a share's files, and says how far it is. It stays hidden where
// the browser has no service workers; the single downloads below it work everywhere.

import { prettierBytes } from "./bytes.js";
import { enhance } from "./main.js";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"; // the portal's ids (portal/domain/ids.py)
const AWAKE = 10_000; // milliseconds; browsers stop a worker that is idle for 30 seconds
const FIRST_WORD = 20_000; // milliseconds for the worker to answer at all

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(26)), (each) => ALPHABET[each & 31]).join("");

// The worker, once it may be spoken to. It is fetched on a press and not before: most people never need it.
async function awake(address) {
  const registration = await navigator.serviceWorker.register(address, { updateViaCache: "none" });
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  while (worker.state !== "activated") {
    await new Promise((changed) => { worker.addEventListener("statechange", changed, { once: true }); });
    if (worker.state === "redundant") throw new Error("the worker was not taken");
  }
  return worker;
}

// The page as the portal would show it now. Null where it shows something else: all used up, over, a code is asked for.
async function asItIsNow() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (answer.status >= 500) throw new Error(`the portal answered ${answer.status}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  return answer.ok && fresh.querySelector(".file-list") ? fresh : null;
}

function showList(fresh) {
  const list = document.querySelector(".file-list");
  if (!fresh) return list.querySelectorAll("form").forEach((each) => each.remove());
  list.replaceWith(document.adoptNode(fresh.querySelector(".file-list")));
  return enhance(document.querySelector(".file-list"));
}

// One ZIP, from the press to its end; says it by `say`. Resolves with what the worker said last.
function run(worker, told, say) {
  const id = crypto.randomUUID();
  const files = told.files.map((file) => ({ ...file, attempt_id: newId() }));
  const frame = Object.assign(document.createElement("iframe"), { hidden: true });
  const speak = (word, more) => worker.postMessage({ say: word, id, ...more });
  let heard = null;
  const ended = new Promise((resolve) => {
    const slow = setTimeout(() => resolve({ lost: true }), FIRST_WORD);
    heard = ({ data }) => {
      if (data.id !== id) return;
      clearTimeout(slow);
      if (data.ready) {
        frame.src = new URL(id, worker.scriptURL);
        document.body.append(frame);
      } else if (data.bytes !== undefined && !data.done) {
        say.progress(files[data.place], data.place + 1, data.bytes);
      } else {
        resolve(data);
      }
    };
    // A download fires no load. A page does: the browser went past the worker and found nothing at its address.
    frame.addEventListener("load", () => {
      if (frame.contentDocument?.title !== "") resolve({ lost: true });
    });
  });
  navigator.serviceWorker.addEventListener("message", heard);
  navigator.serviceWorker.startMessages();
  const staying = setInterval(() => speak("stay"), AWAKE);
  say.cancel(() => speak("cancel"));
  speak("start", { job: { ...told, files } });
  return ended.finally(() => {
    clearInterval(staying);
    speak("cancel"); // what has ended is forgotten already; what never began is then
    navigator.serviceWorker.removeEventListener("message", heard);
    frame.remove();
  });
}

function sentence({ done, cancelled, failed, detail, broken }, words) {
  if (done) return ["done", words.done];
  if (cancelled) return ["attention", words.cancelled];
  if (failed) return ["danger", `${words.failed.replace("{name}", () => failed)} ${detail || words.broken}`];
  return ["danger", broken ? words.broken : words.lost];
}

export default function downloadAll(box) {
  const find = (name) => box.querySelector(`[data-${name}]`);
  const [start, progress, bar, figures, file] = ["start", "progress", "bar", "figures", "file"].map(find);
  const told = () => JSON.parse(find("zip").dataset.zip);
  const words = JSON.parse(box.dataset.words);
  const leaving = (event) => event.preventDefault();
  let stop = () => {};

  function cannot() {
    start.hidden = true;
    find("without").hidden = false;
  }

  const say = {
    cancel(how) { stop = how; },
    progress({ path }, number, bytes) {
      const { files } = told();
      const all = files.reduce((sum, { size }) => sum + size, 0);
      const now = words.file.replace("{number}", number).replace("{count}", files.length).replace("{name}", () => path);
      if (file.textContent !== now) file.textContent = now;
      Object.assign(bar, { max: all || 1, value: bytes });
      figures.textContent = words.bytes.replace("{done}", prettierBytes(bytes)).replace("{all}", prettierBytes(all));
    },
    // busy: while the ZIP is made; kind and said: how the last one ended.
    state(busy, kind = "", said = "") {
      start.hidden = busy;
      progress.hidden = !busy;
      const notice = find("ended");
      notice.hidden = !said;
      notice.className = `notice notice-${kind}`;
      notice.querySelector("[data-said]").textContent = said;
      window[busy ? "addEventListener" : "removeEventListener"]("beforeunload", leaving);
    },
  };

  // The worker with the files as they are now; null where there is none, or where another page is to be shown.
  async function prepared() {
    const fresh = await asItIsNow();
    if (!fresh?.querySelector("[data-zip]")) {
      say.state(false);
      location.reload();
      return null;
    }
    find("zip").replaceWith(document.adoptNode(fresh.querySelector("[data-zip]")));
    return awake(told().worker).catch(() => {
      say.state(false);
      cannot();
      return null;
    });
  }

  async function press() {
    say.state(true);
    find("cancel").focus();
    file.textContent = words.begins;
    let said = null;
    stop = () => { said = { cancelled: true }; };
    try {
      const worker = await prepared();
      if (!worker) return;
      said ??= await run(worker, told(), say);
    } catch (problem) {
      console.error("the ZIP failed", problem);
      said = { broken: true };
    }
    say.state(false, ...sentence(said, words));
    find("press").focus();
    asItIsNow().then(showList).catch(() => {}); // offline, the list stays as it is
  }

  find("press").addEventListener("click", press);
  find("cancel").addEventListener("click", () => stop());
  if (navigator.serviceWorker) start.hidden = false;
  else cannot();
}
