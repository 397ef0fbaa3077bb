// One's own files, to add some that are there already.

import { prettierBytes } from "../bytes.js";

const PAUSE_MS = 250;

export function letChooseOwn({ form, portal, path, has, add }) {
  const dialog = document.getElementById("own-files");
  const search = dialog.querySelector("input[type=search]");
  const list = dialog.querySelector("[data-found]");
  const none = dialog.querySelector("[data-none]");
  const sample = dialog.querySelector("template").content.firstElementChild;
  const ticked = new Map();
  let wait = 0;
  let asked = 0;

  function show(files) {
    const offered = files.filter(({ file_id: id }) => !has(id));
    list.replaceChildren(...offered.map((file) => {
      const row = sample.cloneNode(true);
      const tick = row.querySelector("input");
      row.querySelector("[data-name]").textContent = file.folder ? `${file.folder}/${file.file_name}` : file.file_name;
      row.querySelector("[data-size]").textContent = prettierBytes(file.size);
      tick.checked = ticked.has(file.file_id);
      tick.addEventListener("change", () => (tick.checked ? ticked.set(file.file_id, file) : ticked.delete(file.file_id)));
      return row;
    }));
    none.hidden = offered.length > 0;
  }

  async function find() {
    asked += 1;
    const mine = asked;
    const query = search.value.trim() ? { q: search.value.trim() } : {};
    try {
      const said = await portal.call("GET", `${path}?${new URLSearchParams(query)}`);
      if (mine === asked) show(said.files);
    } catch {
      if (mine === asked) show([]);
    }
  }

  form.querySelector("[data-own-files]").addEventListener("click", () => {
    ticked.clear();
    search.value = "";
    dialog.returnValue = "";
    find();
    dialog.showModal();
  });
  search.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(find, PAUSE_MS);
  });
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "add" && ticked.size) add([...ticked.values()]);
  });
}
