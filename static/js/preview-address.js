// The address of a file that is looked at: each ends after a minute, and the press that began the preview is asked for
// the next one.

import { requestAddress } from "./resumable-fetch.js";

const MARGIN = 10_000; // milliseconds before its end from which an address is not relied on

export class PreviewAddress {
  #form;
  #renewing = null;

  constructor(place) {
    this.#form = place.querySelector("form");
    this.now = place.dataset.address;
    this.#lives(Number(place.dataset.seconds));
  }

  #lives(seconds) {
    this.endsAt = Date.now() + seconds * 1000;
  }

  get ends() {
    return Date.now() > this.endsAt - MARGIN;
  }

  // The next address; asked for once, however many want it. Throws where there is none.
  renewed() {
    this.#renewing ??= this.#ask().finally(() => { this.#renewing = null; });
    return this.#renewing;
  }

  async #ask() {
    const { address, expires_in } = await requestAddress(this.#form.action, new FormData(this.#form), {});
    this.now = address;
    this.#lives(expires_in);
    return address;
  }
}
