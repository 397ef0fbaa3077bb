// "Download all": has the service worker make one ZIP of a share's files, and says how far it is. It stays hidden where
// the browser has no service workers; the single downloads below it work everywhere.

import { prettierBytes } from "./bytes.js";
import { fetchCurrentPage } from "./current-page.js";
import { enhance } from "./main.js";
import { awake, run } from "./worker-jobs.js";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"; // the portal's ids (portal/domain/ids.py)

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(26)), (each) => ALPHABET[each & 31]).join("");

function showList(fresh) {
  const list = document.querySelector(".file-list");
  if (!fresh) return list.querySelectorAll("form").forEach((each) => each.remove());
  list.replaceWith(document.adoptNode(fresh.querySelector(".file-list")));
  return enhance(document.querySelector(".file-list"));
}

// left: the names of files that are not in the ZIP.
function sentence({ done, cancelled, failed, detail, broken }, words, left) {
  if (done && left.length) return ["attention", words.done_without.replace("{names}", () => left.join(", "))];
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
    const fresh = await fetchCurrentPage();
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
      const job = told();
      const files = job.files.map((each) => ({ ...each, attempt_id: newId() }));
      said ??= await run(worker, { ...job, files }, say);
    } catch (problem) {
      console.error("the ZIP failed", problem);
      said = { broken: true };
    }
    say.state(false, ...sentence(said, words, told().left_out));
    find("press").focus();
    fetchCurrentPage().then(showList).catch(() => {}); // offline, the list stays as it is
  }

  find("press").addEventListener("click", press);
  find("cancel").addEventListener("click", () => stop());
  if (navigator.serviceWorker) start.hidden = false;
  else cannot();
}
