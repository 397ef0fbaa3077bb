// Keeps a sound or film playing beyond its address's minute. A player comes back to S3 for what it has not fetched yet,
// and Chromium neither says that it was refused there nor stops trying, until all it had is played. So the next address
// is at hand before one ends, and the player is given it when it needs bytes that the old one does not bring any more.

const AHEAD = 10; // seconds of playing that are to be there
const STILL = 2000; // milliseconds without a byte, after which the old address brings none
const LOOKS = 1000; // milliseconds
const LOADING = 30_000; // milliseconds for the beginning of what an address brings
const FAILURES = 4; // in a row, without a second played in between

export class Player {
  #element;
  #address;
  #usedUntil; // when the address that the element has ends
  #wanted; // whether its reader wants it to play, whatever became of the address
  #reached = 0;
  #grewAt = Date.now();
  #changing = false;
  #left = null; // {currentTime, playbackRate} to come back to, until an address that was given has begun
  #failures = 0;
  #failedAt = 0; // the place in the film
  #fail;

  constructor(element, address, fail) {
    this.#element = element;
    this.#address = address;
    this.#usedUntil = address.endsAt;
    this.#fail = fail;
    this.#wanted = !element.paused; // pressed before this script had come
    element.addEventListener("play", () => { this.#wanted = true; });
    element.addEventListener("pause", () => { this.#wanted = this.#changing && this.#wanted; });
    element.addEventListener("error", () => this.#failed());
    for (const each of ["waiting", "stalled", "seeking"]) element.addEventListener(each, () => this.#look(each));
    setInterval(() => this.#look(), LOOKS);
    if (element.error) this.#failed();
  }

  // Up to where it could play on from here without another byte, in seconds of the film.
  #end() {
    const { buffered, currentTime } = this.#element;
    for (let place = 0; place < buffered.length; place += 1) {
      if (buffered.start(place) <= currentTime + 0.3 && currentTime <= buffered.end(place)) return buffered.end(place);
    }
    return this.#element.currentTime;
  }

  #look(event = "") {
    const { currentTime, duration } = this.#element;
    const end = this.#end();
    if (end !== this.#reached) [this.#reached, this.#grewAt] = [end, Date.now()];
    if (this.#changing || end >= duration - 0.5) return; // it has what it needs
    if (this.#wanted && this.#address.ends) this.#address.renewed().catch(() => {}); // asked again where it is needed
    if (Date.now() < this.#usedUntil) return;
    const still = Date.now() - this.#grewAt > STILL;
    const needed = end - currentTime < (event ? 0.3 : AHEAD);
    if (needed && (still || event === "seeking") && (this.#wanted || event)) this.#change();
  }

  #failed() {
    const { error } = this.#element;
    if (this.#changing || !error) return;
    const broken = error.code !== MediaError.MEDIA_ERR_NETWORK && !this.#address.ends;
    if (this.#failsAgain() || broken) this.#fail();
    else this.#change();
  }

  // Counts a failure. True where it failed too often at this place of the film.
  #failsAgain() {
    const { currentTime } = this.#left ?? this.#element;
    this.#failures = Math.abs(currentTime - this.#failedAt) > 1 ? 1 : this.#failures + 1;
    this.#failedAt = currentTime;
    return this.#failures > FAILURES;
  }

  // Gives the element an address that lives, and takes it back to where it was.
  async #change() {
    if (this.#changing) return;
    this.#changing = true;
    const element = this.#element;
    try {
      const address = this.#address.ends ? await this.#address.renewed() : this.#address.now;
      this.#left ??= { currentTime: element.currentTime, playbackRate: element.playbackRate };
      element.style.minHeight = `${element.offsetHeight}px`; // a film without its size would be a small one
      element.src = address;
      this.#usedUntil = this.#address.endsAt;
      await loaded(element);
      Object.assign(element, this.#left);
      this.#left = null;
      element.style.minHeight = "";
      this.#changing = false;
      if (this.#wanted) await element.play().catch(() => {});
    } catch {
      this.#changing = false;
      this.#grewAt = Date.now();
      if (this.#failsAgain()) this.#fail();
      else setTimeout(() => this.#change(), LOOKS * this.#failures);
    }
  }
}

function loaded(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("loadedmetadata", resolve, { once: true });
    element.addEventListener("error", reject, { once: true });
    setTimeout(reject, LOADING);
  });
}
