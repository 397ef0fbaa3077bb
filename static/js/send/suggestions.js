// Whom one shared with before, and one's groups, for the address that is being typed.

const LEAST_CHARACTERS = 2;
const PAUSE_MS = 150; // of typing, before the portal is asked

export class Suggestions {
  #asked = null; // the request under way
  #wait = 0;
  #active = -1;

  constructor(people, box) {
    Object.assign(this, { people, input: people.input, words: people.words });
    this.list = document.createElement("ul");
    this.list.id = "to-suggestions";
    this.list.className = "suggestions";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.words.suggestions);
    this.input.parentElement.after(this.list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-haspopup", "listbox"], ["aria-expanded", "false"], ["aria-controls", this.list.id]]) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => {
      clearTimeout(this.#wait);
      this.#wait = setTimeout(() => this.#ask(), PAUSE_MS);
    });
    this.groups = () => [...box.querySelectorAll("input[name=groups]")];
  }

  // Whether a key was for the list.
  takes(event) {
    const many = this.list.children.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (this.list.hidden) return false;
    if (step) this.#activate(this.#active < 0 ? (step > 0 ? 0 : many - 1) : (this.#active + step + many) % many);
    else if (event.key === "Enter" && this.#active >= 0) this.list.children[this.#active].click();
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  close() {
    clearTimeout(this.#wait);
    this.#asked?.abort();
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.list.replaceChildren();
    this.#activate(-1);
  }

  #activate(place) {
    const options = [...this.list.children];
    this.#active = place;
    options.forEach((each, at) => each.setAttribute("aria-selected", String(at === place)));
    if (place < 0) this.input.removeAttribute("aria-activedescendant");
    else {
      this.input.setAttribute("aria-activedescendant", options[place].id);
      options[place].scrollIntoView({ block: "nearest" });
    }
  }

  async #ask() {
    const typed = this.input.value.trim();
    this.#asked?.abort();
    if (typed.length < LEAST_CHARACTERS) {
      this.close();
      return;
    }
    this.#asked = new AbortController();
    try {
      const address = `${this.people.paths.recipients}?${new URLSearchParams({ q: typed })}`;
      const { suggestions } = await this.people.portal.call("GET", address, { signal: this.#asked.signal });
      if (document.activeElement === this.input) this.#show(suggestions);
    } catch {
      // aborted, or no connection: the field is as good without suggestions
    }
  }

  #show(suggestions) {
    const unticked = new Set(this.groups().filter(({ checked }) => !checked).map(({ value }) => value));
    const wanted = suggestions.filter((each) => (each.group_id ? unticked.has(each.group_id) : !this.people.has(each.address)));
    this.list.replaceChildren(...wanted.map((each, place) => this.#option(each, place)));
    this.list.hidden = wanted.length === 0;
    this.input.setAttribute("aria-expanded", String(wanted.length > 0));
    this.#activate(-1);
    this.people.status.textContent = wanted.length ? this.words.suggestions_found.replace("{number}", wanted.length) : "";
  }

  #option(found, place) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const note = document.createElement("small");
    name.dir = "auto";
    name.textContent = found.name ?? found.address;
    note.textContent = found.note;
    item.append(name, " ", note);
    item.id = `${this.list.id}-${place}`;
    item.setAttribute("role", "option");
    item.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    item.addEventListener("click", () => {
      this.close();
      this.people.choose(found);
    });
    return item;
  }
}
