// Recipients, each with a cross, over the text field that a form without scripts has: the combobox pattern of the ARIA
// Authoring Practices. What was pasted is taken apart by the portal, which alone knows how.

import { Suggestions } from "./suggestions.js";

const ADDRESS = /^[^\s@,;<>"()[\]]+@[^\s@,;<>"()[\]]+\.[^\s@,;<>"()[\].]+$/;
const SIGNS = { bad: "exclamation-circle", blocked: "exclamation-circle", held: "exclamation-triangle", new: "exclamation-triangle" };

export class People {
  #people = new Map(); // by address in small letters: how it was written
  #states = new Map();
  #bad = new Set();

  constructor(box, { portal, paths, words, icons, changed }) {
    Object.assign(this, { portal, paths, words, icons, changed });
    this.field = box.querySelector("textarea");
    this.#build(box);
    this.suggestions = new Suggestions(this, box);
    this.put(this.field.value, true);
  }

  #build(box) {
    const shown = document.createElement("div");
    this.list = document.createElement("ul");
    this.input = document.createElement("input");
    this.status = document.createElement("div");
    shown.className = "form-control to-box";
    this.list.className = "to-chips";
    this.list.setAttribute("role", "list");
    this.list.setAttribute("aria-label", this.words.recipients);
    Object.assign(this.input, { type: "text", id: "to", inputMode: "email", autocomplete: "off", spellcheck: false, placeholder: this.field.placeholder });
    this.input.setAttribute("autocapitalize", "off");
    if (this.field.hasAttribute("aria-describedby")) this.input.setAttribute("aria-describedby", this.field.getAttribute("aria-describedby"));
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    shown.append(this.list, this.input);
    this.field.hidden = true;
    this.field.after(shown, this.status);
    box.querySelector(`label[for="${this.field.id}"]`).htmlFor = this.input.id;
    shown.addEventListener("click", ({ target }) => { if (target === shown || target === this.list) this.input.focus(); });
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("blur", () => this.commit());
    this.input.addEventListener("paste", (event) => this.#paste(event));
    this.input.addEventListener("input", () => { if (/[,;\n\uff0c\uff1b]$/.test(this.input.value)) this.commit(); });
  }

  get count() {
    return this.#people.size;
  }

  #key(event) {
    if (event.isComposing || this.suggestions.takes(event)) return;
    if (event.key === "Enter") {
      event.preventDefault(); // never sends the form
      this.commit();
    } else if (event.key === " " && ADDRESS.test(this.input.value.trim())) {
      event.preventDefault();
      this.commit();
    } else if (event.key === "Backspace" && this.input.value === "" && this.#people.size) {
      event.preventDefault();
      this.#edit([...this.#people.keys()].at(-1));
    }
  }

  #paste(event) {
    const text = event.clipboardData?.getData("text") ?? "";
    if (!/[\s,;<]/.test(text.trim()) || this.input.value.trim()) return;
    event.preventDefault();
    this.put(text);
  }

  // What is in the input becomes recipients. Resolves when it has.
  commit() {
    const text = this.input.value.trim();
    this.suggestions.close();
    if (!text) return this.reading ?? Promise.resolve();
    this.input.value = "";
    return this.put(text);
  }

  // quietly: as the page opens, with what was there.
  put(text, quietly = false) {
    const alone = text.trim().replace(/[,;\uff0c\uff1b]+$/, "");
    if (!alone) return Promise.resolve();
    const lines = alone.split("\n").map((line) => line.trim());
    if (lines.every((line) => ADDRESS.test(line))) {
      this.#add(lines, [], quietly);
      return Promise.resolve();
    }
    this.reading = this.#read(text, quietly);
    return this.reading;
  }

  async #read(text, quietly) {
    try {
      const { addresses, bad } = await this.portal.call("POST", this.paths.addresses, { body: { text } });
      this.#add(addresses, bad, quietly);
    } catch {
      this.#add([], [text], quietly); // nothing is lost: it is read again when it is sent
    }
  }

  #add(addresses, bad, quietly) {
    [...addresses, ...bad].forEach((address) => this.#people.set(address.toLowerCase(), address));
    bad.forEach((each) => this.#bad.add(each.toLowerCase()));
    this.#show();
    if (quietly) return;
    const [first] = [...addresses, ...bad];
    this.status.textContent = this.words.added_person.replace("{name}", addresses.length + bad.length > 1 ? addresses.length + bad.length : first);
    this.changed();
  }

  // A group is ticked where the page has it.
  choose({ address, group_id: group }) {
    this.input.value = "";
    if (address) this.put(address);
    else {
      const tick = [...document.querySelectorAll("input[name=groups]")].find((each) => each.value === group);
      tick.checked = true;
      tick.closest("details").open = true;
      this.changed();
    }
    this.input.focus();
  }

  has(address) {
    return this.#people.has(address.toLowerCase());
  }

  #edit(key) {
    const text = this.#people.get(key);
    this.#drop(key);
    this.input.value = text;
    this.input.focus();
  }

  #drop(key) {
    this.#people.delete(key);
    this.#bad.delete(key);
    this.status.textContent = this.words.removed.replace("{name}", key);
    this.#show();
    this.changed();
  }

  // states: by address, what is to be looked at of it.
  mark(states) {
    this.#states = new Map(Object.entries(states).map(([address, state]) => [address.toLowerCase(), state]));
    this.#show();
  }

  #show() {
    this.field.value = [...this.#people.values()].join("\n");
    this.input.placeholder = this.#people.size ? "" : this.field.placeholder;
    const there = new Map([...this.list.children].map((chip) => [chip.dataset.key, chip]));
    this.list.replaceChildren(...[...this.#people].map(([key, address]) => {
      const state = this.#bad.has(key) ? "bad" : this.#states.get(key) ?? "";
      const known = there.get(key);
      return known?.dataset.state === state ? known : this.#chip(key, address, state);
    }));
  }

  #chip(key, address, state) {
    const chip = document.createElement("li");
    const name = document.createElement("bdi");
    const cross = document.createElement("button");
    chip.className = "to-chip";
    Object.assign(chip.dataset, { key, state });
    name.textContent = address;
    name.title = address;
    name.addEventListener("click", () => this.#edit(key));
    cross.type = "button";
    cross.setAttribute("aria-label", this.words.remove.replace("{name}", address));
    cross.append(this.icons("x-lg"));
    cross.addEventListener("click", () => {
      this.#drop(key);
      this.input.focus();
    });
    if (state) {
      const why = document.createElement("span");
      why.className = "visually-hidden";
      why.textContent = `${this.words[state]}: `;
      chip.title = this.words[state];
      chip.append(this.icons(SIGNS[state]), why);
    }
    chip.append(name, cross);
    return chip;
  }
}
