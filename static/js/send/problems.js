// What is wrong, beside its field; what belongs to none, above the button.

export class Problems {
  constructor(form, people) {
    Object.assign(this, { form, people, rest: form.querySelector("[data-problem]") });
  }

  show(wrong) {
    this.form.querySelectorAll("[data-live]").forEach((each) => each.remove());
    this.form.querySelectorAll("[aria-invalid=true]").forEach((each) => each.removeAttribute("aria-invalid"));
    for (const [name, sentences] of Object.entries(wrong)) {
      const field = name && this.#fieldOf(name);
      if (field) this.#put(field, sentences.join(" "));
    }
    const rest = Object.entries(wrong).filter(([name]) => !name || !this.#fieldOf(name)).flatMap(([, sentences]) => sentences);
    this.rest.hidden = rest.length === 0;
    this.rest.querySelector("[data-said]").textContent = rest.join(" ");
  }

  // What has the focus for a field, and where its error stands.
  #fieldOf(name) {
    if (name === "file") return { input: this.form.querySelector("[data-input], [data-own-files]"), before: this.form.querySelector(".send-box") };
    if (name === "recipients") return { input: this.people.input, before: this.people.input.parentElement };
    const input = this.form.querySelector(`[name="${name}"]`);
    const box = input?.closest(".field");
    return box && { input, before: box.querySelector(".form-control, .choices-row, .choice") ?? box.firstElementChild };
  }

  #put({ input, before }, sentence) {
    const line = this.rest.cloneNode(true);
    line.removeAttribute("data-problem");
    line.removeAttribute("role");
    line.setAttribute("data-live", "");
    line.hidden = false;
    line.id = `${input.id || "file"}-live`;
    line.querySelector("[data-said]").textContent = sentence;
    before.before(line);
    input.setAttribute("aria-invalid", "true");
    const described = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((each) => each && each !== line.id);
    input.setAttribute("aria-describedby", [...described, line.id].join(" "));
  }

  // To the first thing that is wrong.
  lead(wrong) {
    const [input] = Object.keys(wrong).map((name) => name && this.#fieldOf(name)?.input).filter(Boolean);
    const folded = input?.closest("details");
    if (folded) folded.open = true;
    input?.focus();
  }
}
