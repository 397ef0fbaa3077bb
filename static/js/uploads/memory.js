// What was under way when a page was left, kept in this browser for the same person and seven days at most: enough to
// know the file again when it is chosen, and to go on with its upload. Nothing of its content.

const DAYS = 7;
const same = (kept, file, folder) => kept.name === file.name && kept.size === file.size
  && kept.modified === file.lastModified && kept.folder === folder;
const lock = (id) => `upload ${id}`;

export class Memory {
  constructor(person) {
    this.place = `uploads ${person}`;
  }

  all() {
    const since = Date.now() - DAYS * 24 * 3600 * 1000;
    try {
      return JSON.parse(localStorage.getItem(this.place) ?? "[]").filter(({ at }) => at > since);
    } catch {
      return []; // storage is full, forbidden, or not ours
    }
  }

  keep(item) {
    const { file_id, key, state_url, complete, cancel, sign } = item.announced;
    const { name, size, lastModified: modified } = item.blob;
    const others = this.all().filter((kept) => kept.announced.file_id !== file_id);
    const announced = { file_id, key, state_url, complete, cancel, sign };
    this.#write([...others, { name, size, modified, folder: item.folder, at: Date.now(), announced }]);
  }

  forget(id) {
    this.#write(this.all().filter(({ announced }) => announced.file_id !== id));
  }

  // The upload of this file that was left, unless another tab is at it.
  async find(file, folder) {
    const left = await this.left();
    return left.find((kept) => same(kept, file, folder))?.announced;
  }

  // Those that nobody is at: another tab of this browser holds a lock for each of its own.
  async left() {
    const { held = [] } = await navigator.locks.query();
    const busy = new Set(held.map(({ name }) => name));
    return this.all().filter(({ announced }) => !busy.has(lock(announced.file_id)));
  }

  // Holds the upload for this tab until `done` settles, or until the tab is gone. False if another tab was quicker.
  claim(id, done) {
    return new Promise((said) => {
      navigator.locks.request(lock(id), { ifAvailable: true }, (got) => {
        said(Boolean(got));
        return got ? done.catch(() => {}) : undefined;
      });
    });
  }

  #write(list) {
    try {
      if (list.length) localStorage.setItem(this.place, JSON.stringify(list));
      else localStorage.removeItem(this.place);
    } catch {
      // then this upload cannot be gone on with after a reload; it goes on as long as the page is open
    }
  }
}
