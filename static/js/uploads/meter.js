// How far it is, in words below Uppy's bar: how much, how fast, how long still. Counted over what this page really sent:
// what an earlier attempt left in S3 is progress, but no speed.

import { prettierBytes } from "../bytes.js";

const EVERY = 1000; // milliseconds between two looks
const WINDOW = 12; // looks over which the speed is steadied
const ALOUD = 15_000; // milliseconds between two announcements to a screen reader

const sum = (list, figure) => list.reduce((so_far, each) => so_far + figure(each), 0);

export class Meter {
  #looks = [];
  #timer = 0;
  #sent = 0;
  #spoken = 0;

  constructor(box, words, listItems) {
    Object.assign(this, { box, words, listItems });
    this.shown = box.querySelector("[data-progress]");
    this.spoken = box.querySelector("[data-progress-spoken]");
    window.addEventListener("offline", () => this.show());
    window.addEventListener("online", () => this.show());
  }

  count(bytes) {
    this.#sent += Math.max(0, bytes);
  }

  start() {
    if (this.#timer) return;
    this.#looks = [];
    this.#timer = setInterval(() => this.show(), EVERY);
    this.show();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.box.hidden = true;
    this.spoken.textContent = "";
    this.#spoken = 0;
  }

  show() {
    if (!this.#timer) return;
    this.box.hidden = false;
    const said = this.#sentence();
    if (this.shown.textContent !== said) this.shown.textContent = said;
    const first = said === this.words.waiting && this.spoken.textContent !== said;
    if (first || Date.now() - this.#spoken >= ALOUD) {
      this.#spoken = Date.now();
      this.spoken.textContent = said;
    }
  }

  #sentence() {
    const all = this.listItems();
    const active = all.filter((item) => !item.over);
    const moving = active.filter((item) => !item.paused);
    this.#looks = [...this.#looks.slice(-WINDOW), { at: Date.now(), sent: this.#sent }];
    if (!navigator.onLine || (moving.length && moving.every((item) => item.waiting))) return this.words.waiting;
    const size = sum(all, (item) => item.blob.size);
    const done = sum(all, (item) => item.bytes);
    const percent = new Intl.NumberFormat(document.documentElement.lang || "en", { style: "percent" }).format(size ? done / size : 0);
    const so_far = this.words.progress.replace("{percent}", percent)
      .replace("{done}", prettierBytes(done)).replace("{size}", prettierBytes(size));
    if (active.length && !moving.length) return `${so_far} \u00b7 ${this.words.paused}`;
    const speed = this.#speed();
    if (!speed) return so_far;
    return [so_far, this.words.speed.replace("{size}", prettierBytes(speed)), this.#left((size - done) / speed)].join(" \u00b7 ");
  }

  #speed() {
    const [first] = this.#looks;
    const last = this.#looks.at(-1);
    return last.at > first.at ? ((last.sent - first.sent) * 1000) / (last.at - first.at) : 0;
  }

  // "2 min left": whole minutes and hours, as nobody needs it more exactly, and then it does not jump.
  #left(seconds) {
    const [figure, unit] = seconds < 55 ? [Math.max(5, Math.ceil(seconds / 5) * 5), "second"]
      : seconds < 5400 ? [Math.ceil(seconds / 60), "minute"] : [Math.ceil(seconds / 3600), "hour"];
    const language = document.documentElement.lang || "en";
    const said = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(figure);
    return this.words.left.replace("{time}", said);
  }
}
