// A large file comes through the service worker: what breaks on the way goes on where it broke, with the next address of
// the same press, where the browser alone would begin again with an address that has ended.

import { prettierBytes } from "./bytes.js";
import { awake, run } from "./worker-jobs.js";

const leaving = (event) => event.preventDefault();

function sentence({ done, cancelled, failed, detail }, words) {
  if (done) return ["done", words.done];
  if (cancelled) return ["attention", words.cancelled];
  return ["danger", failed ? `${words.failed} ${detail || words.broken}` : words.lost];
}

// What is shown while it comes, below the button.
function shown(box, size) {
  const find = (name) => box.querySelector(`[data-${name}]`);
  const words = JSON.parse(box.dataset.words);
  const [bar, figures, said] = ["bar", "figures", "said"].map(find);
  return {
    cancel(how) { find("cancel").onclick = how; },
    progress(file, number, bytes) {
      Object.assign(bar, { max: size, value: bytes });
      figures.textContent = words.bytes.replace("{done}", prettierBytes(bytes)).replace("{all}", prettierBytes(size));
    },
    waits(detail) {
      find("waits").hidden = !detail;
      find("waits-words").textContent = detail;
    },
    state(busy, kind = "calm", text = words.stay) {
      box.hidden = false;
      for (const each of ["bar", "figures", "cancel"]) find(each).hidden = !busy;
      said.parentElement.className = `notice notice-${kind}`;
      said.textContent = text;
      find("waits").hidden = true;
      window[busy ? "addEventListener" : "removeEventListener"]("beforeunload", leaving);
    },
    ended(what) { this.state(false, ...sentence(what, words)); },
  };
}

// Whether the browser saves it this way. False where it is not large, or the browser has no such worker.
export async function saveInPieces(form, address) {
  const box = document.querySelector(`[data-large="${form.elements.file_id.value}"]`);
  if (!box || !navigator.serviceWorker) return false;
  const job = JSON.parse(box.dataset.job);
  const worker = await awake(job.worker).catch(() => null);
  if (!worker) return false;
  const { file_id, attempt_id, csrf_token } = Object.fromEntries(new FormData(form));
  const file = { id: file_id, attempt_id, address, path: job.name, size: job.size };
  const say = shown(box, job.size);
  say.state(true);
  await new Promise((begun) => {
    const told = { alone: true, download: form.action, token: csrf_token, name: job.name, sent_at: 0, files: [file] };
    run(worker, told, { ...say, begun }).then((what) => { begun(); say.ended(what); });
  });
  return true;
}
