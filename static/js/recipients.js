// Suggests whom one shared with before, and one's groups, for the address that is being typed: the combobox pattern of
// the ARIA Authoring Practices with a list box, on a field of several lines. The field stays a text field to assistive
// technology, since HTML lets a <textarea> have no other role; what the list does is said in a live region. Without
// this script the field is one to type into, and groups are ticked below it.

const LEAST_CHARACTERS = 2;
const PAUSE_MS = 200;  // of typing, before the portal is asked
// What parts addresses for the portal, which alone reads the field (portal/domain/contacts/address_lists.py). Here it only says
// which piece is being typed; a blank parts it from an address that is complete.
const SEPARATOR = /[,;\n\t\uff0c\uff1b\u3001\u060c\u061b]/;
const COMPLETE = /^.*\S@\S+\s+/;
const AROUND = /[\s,;<>()"\u201c\u201d\u201e\u00ab\u00bb\uff0c\uff1b\u3001\u060c\u061b]+/;

export default function recipients(box) {
  const field = box.querySelector("textarea");
  const list = document.createElement("ul");
  const status = document.createElement("div");
  let asked = null;  // the request under way
  let wait = 0;
  let active = -1;

  list.id = `${field.id}-suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.dataset.label);
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  field.after(list, status);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-haspopup", "listbox");
  field.setAttribute("aria-controls", list.id);

  const options = () => [...list.children];
  const tick = (id) => [...box.querySelectorAll("input[name=groups]")].find((each) => each.value === id);

  // The piece between separators that the cursor is in, and where it begins and ends.
  function piece() {
    const text = field.value;
    const before = text.slice(0, field.selectionStart).split(SEPARATOR).at(-1);
    const from = field.selectionStart - before.replace(COMPLETE, "").length;
    const rest = text.slice(from).search(SEPARATOR);
    const to = rest < 0 ? text.length : from + rest;
    return { from, to, typed: text.slice(from, to).trim() };
  }

  function close() {
    list.hidden = true;
    list.replaceChildren();
    activate(-1);
    asked?.abort();
    clearTimeout(wait);
  }

  function activate(place) {
    active = place;
    options().forEach((each, at) => each.setAttribute("aria-selected", String(at === place)));
    if (place < 0) field.removeAttribute("aria-activedescendant");
    else {
      field.setAttribute("aria-activedescendant", options()[place].id);
      options()[place].scrollIntoView({ block: "nearest" });
    }
  }

  function choose(found) {
    const { from, to } = piece();
    const lead = from > 0 && !/\s/.test(field.value[from - 1]) ? " " : "";
    const group = found.group_id ? tick(found.group_id) : null;
    field.setRangeText(group ? "" : `${lead}${found.address}, `, from, to, "end");
    if (group) {
      group.checked = true;
      group.closest("details").open = true;
    }
    close();
    field.focus();
    status.textContent = box.dataset.added.replace("{name}", found.name ?? found.address);
  }

  function option(found, place) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const note = document.createElement("small");
    name.dir = "auto";
    name.textContent = found.name ?? found.address;
    note.textContent = found.note;
    item.append(name, " ", note);
    item.id = `${list.id}-${place}`;
    item.setAttribute("role", "option");
    item.addEventListener("pointerdown", (event) => event.preventDefault());  // the field keeps the focus
    item.addEventListener("click", () => choose(found));
    return item;
  }

  function show(suggestions) {
    const there = field.value.toLowerCase().split(AROUND);
    const wanted = suggestions.filter((each) => (each.group_id
      ? tick(each.group_id)?.checked === false
      : !there.includes(each.address.toLowerCase())));
    list.replaceChildren(...wanted.map(option));
    list.hidden = wanted.length === 0;
    activate(-1);
    status.textContent = wanted.length ? box.dataset.found.replace("{number}", wanted.length) : "";
  }

  async function ask() {
    const { typed } = piece();
    asked?.abort();
    if (typed.length < LEAST_CHARACTERS) return close();
    asked = new AbortController();
    try {
      const address = `${box.dataset.address}?${new URLSearchParams({ q: typed })}`;
      const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "application/json" } });
      if (answer.ok && document.activeElement === field) show((await answer.json()).suggestions);
    } catch {
      // Aborted, or no connection: the field is as good without suggestions.
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(ask, PAUSE_MS);
  });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (list.hidden || event.isComposing) return;
    if (step) {
      const many = options().length;
      activate(active < 0 ? (step > 0 ? 0 : many - 1) : (active + step + many) % many);
    } else if (event.key === "Enter" && active >= 0) {
      options()[active].click();
    } else if (event.key === "Escape") {
      close();
    } else {
      return;
    }
    event.preventDefault();
  });
  field.addEventListener("blur", close);
}
