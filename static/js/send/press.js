// The button: sends what has arrived, or has the portal send it once the rest has.

import { sentence } from "../uploads/problems.js";
import { findWrong, tooMany } from "./check.js";
import { Problems } from "./problems.js";

const LOOK = 10_000; // milliseconds between two looks at a wish that another page works on

export class Press {
  #pressing = null; // while the portal is being told of the wish
  #again = false; // there is something that it was not told
  #here = false; // pressed on this page: one that was opened later has neither the password nor all files
  #goesOn = false; // the portal knows of that press
  #looking = 0;

  constructor({ form, draft, files, people, told }) {
    Object.assign(this, { form, draft, files, people, told, words: told.words, wished: told.wished });
    const find = (name) => form.querySelector(`[data-${name}]`);
    Object.assign(this, {
      button: find("press"), typed: find("typed"), label: find("press-words"), review: find("review"), saved: find("saved"), notes: find("notes"),
      waits: find("waiting"), waitsWords: find("waiting-words"), why: document.querySelector("[data-why]"),
    });
    this.problems = new Problems(form, people);
    form.addEventListener("submit", (event) => {
      if (event.submitter === this.review) return; // by the browser itself, with what `formdata` adds
      event.preventDefault();
      this.press();
    });
    find("stop").addEventListener("click", () => this.stop());
    form.addEventListener("formdata", ({ formData }) => {
      formData.delete("file");
      files.ids().forEach((id) => formData.append("file", id));
    });
    files.beforeRemoval = () => (this.wished && this.#here ? this.#post() : undefined);
    this.atFirst = files.total;
    this.show();
  }

  say(text) {
    if (this.saved.textContent !== text) this.saved.textContent = text;
  }

  async press() {
    await this.people.commit();
    const wrong = findWrong(this);
    this.problems.show(wrong);
    if (Object.keys(wrong).length) {
      this.problems.lead(wrong);
      return;
    }
    this.wished = true;
    this.#here = true;
    this.#goesOn = false;
    this.why.hidden = true;
    this.show();
    await this.#post();
  }

  // One at a time; what changes meanwhile the portal is told after that.
  #post() {
    this.#again = true;
    this.#pressing ??= this.#tellAll().finally(() => { this.#pressing = null; });
    return this.#pressing;
  }

  async #tellAll() {
    while (this.#again && this.wished && !this.stopping && !this.left) {
      this.#again = false;
      await this.#tell();
    }
  }

  async #tell() {
    try {
      const said = await this.draft.send(this.#goesOn);
      this.#goesOn = true;
      if (said.state === "sent") this.#leave(said.address);
      else if (said.state === "apart") this.#goOnApart(said);
      else this.#keepAddress();
    } catch (problem) {
      this.wished = false;
      const wrong = problem.said?.problems ?? { "": [sentence(problem, this.words)] };
      this.problems.show(wrong);
      this.problems.lead(wrong);
    }
    this.show();
  }

  #leave(address) {
    this.left = true;
    location.replace(address);
  }

  // It was sent from another page, and not as it is here: what is here goes on as a draft of its own.
  #goOnApart({ draft, paths, why }) {
    Object.assign(this.told.paths, paths);
    this.form.elements.submission_id.value = draft;
    this.wished = false;
    this.#goesOn = false;
    this.#keepAddress();
    this.#explain(why);
  }

  #explain(why) {
    this.why.hidden = false;
    this.why.querySelector("[data-said]").textContent = why;
  }

  // So that a reload goes on with it.
  #keepAddress() {
    if (location.pathname !== this.told.paths.page) history.replaceState(history.state, "", this.told.paths.page);
  }

  async stop() {
    this.stopping = true; // nothing is told behind it
    await this.#pressing; // else it is not kept yet that it is to be sent
    if (this.wished && !this.left) await this.#takeBack();
    this.stopping = false;
  }

  async #takeBack() {
    try {
      await this.draft.stop();
      this.wished = false;
      this.say(this.words.stopped);
    } catch (problem) {
      if (problem.status === 409) this.#leave(this.told.paths.page);
      else this.say(this.words.offline_once);
    }
    this.show();
    this.button.focus();
  }

  // A page that was opened later does not know all of what was pressed: with more files, Send is to be pressed again.
  async #stopForMore() {
    await this.stop();
    if (!this.wished && !this.left) this.#explain(this.words.more_files);
  }

  filesChanged() {
    if (this.wished && this.#here) this.#post();
    else if (this.wished && this.files.total > this.atFirst) this.#stopForMore();
    else if (!this.wished && this.files.total) this.draft.later();
    this.show();
  }

  // What the portal says of what was typed; nothing where it did not answer.
  heard(said, problem) {
    if (problem?.kind === "ended") this.problems.show({ "": [sentence(problem, this.words)] });
    if (!said || this.wished) return;
    if (said.state === "apart") {
      this.#goOnApart(said);
      return;
    }
    if (said.state === "saved") this.#keepAddress();
    if (said.state === "sent") this.#leave(this.told.paths.page);
    if (said.state === "waiting") this.wished = true;
    this.say({ saved: this.words.saved, too_many: this.words.not_saved }[said.state] ?? "");
    const wrong = { ...said.problems };
    if (this.files.total > this.files.most) wrong.file = [tooMany(this)];
    this.problems.show(wrong);
    this.people.mark(said.people);
    this.notes.replaceChildren(...said.notes.map((note) => {
      const line = document.createElement("p");
      line.textContent = note;
      return line;
    }));
    this.show();
  }

  show() {
    const { total, arrived } = this.files;
    const under = arrived < total;
    const going = this.wished || Boolean(this.left);
    this.label.textContent = going ? this.words.pressed : under ? this.words.send_when : this.words.send;
    this.button.disabled = going;
    this.button.hidden = this.wished && under;
    this.review.hidden = going || under;
    this.waits.hidden = !this.wished || !under;
    const elsewhere = !this.files.uploader.listActive().length;
    this.waitsWords.textContent = (elsewhere ? this.words.waits_elsewhere : this.words.waits)
      .replace("{arrived}", arrived.toLocaleString(document.documentElement.lang)).replace("{number}", total.toLocaleString(document.documentElement.lang));
    this.typed.inert = going;
    if (this.wished && under && elsewhere) this.#looking ||= setInterval(() => this.#look(), LOOK);
    else {
      clearInterval(this.#looking);
      this.#looking = 0;
    }
  }

  async #look() {
    const said = await this.draft.look().catch(() => null);
    if (said?.state === "sent") this.#leave(said.address);
    if (said?.state !== "returned") return;
    this.wished = false;
    this.#explain(said.why);
    this.show();
  }
}
