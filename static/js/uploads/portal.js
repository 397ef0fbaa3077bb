// Calls to the portal. They throw Problem: refused with the portal's words, ended where one must sign in again.

import { Problem } from "./problems.js";

const LONG = 40_000; // milliseconds; the gateway gives up after 29 seconds

export class Portal {
  #session;
  #token;
  #ended = false;

  #person;

  // person: whose page it is, which may not be who is signed in by now.
  constructor({ session, token, person }) {
    this.#session = session;
    this.#token = token;
    this.#person = person;
  }

  // `key` is an upload's own capability: with it the call needs neither session nor token. With the same `once` the same
  // call counts once, however often it is sent because its answer was lost.
  async call(method, path, { body, key, once, signal } = {}) {
    if (this.#ended && !key) await this.renew();
    const answer = await this.#send(method, path, { body, key, once, signal });
    if (answer.status === 400 && answer.said.reason === "stale_form") { // somebody signed in anew in another tab
      await this.renew();
      return this.#judged(await this.#send(method, path, { body, key, once, signal }));
    }
    return this.#judged(answer);
  }

  // Signing in elsewhere gives this page a session again, with another token.
  async renew() {
    const said = this.#judged(await this.#send("GET", this.#session));
    this.#token = said.csrf_token;
    this.#ended = false;
  }

  async #send(method, path, { body, key, once, signal } = {}) {
    const headers = { Accept: "application/json", "X-CSRFToken": this.#token, "Page-Of": this.#person };
    if (body) headers["Content-Type"] = "application/json";
    if (key) headers["Upload-Key"] = key;
    if (once) headers["Idempotency-Key"] = once;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), LONG);
    const give = () => stop.abort();
    signal?.addEventListener("abort", give);
    try {
      const answer = await fetch(path, {
        method, headers, body: body && JSON.stringify(body), keepalive: method === "DELETE", signal: stop.signal,
      });
      const said = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
      return { status: answer.status, said };
    } catch {
      throw new Problem("lost");
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", give);
    }
  }

  #judged({ status, said }) {
    if (status < 300) return { ...said, arrived: status === 200 };
    if (status === 401 || said.reason === "other_person") {
      this.#ended = true;
      throw new Problem("ended", { status, said });
    }
    throw new Problem(status >= 500 || status === 429 ? "busy" : "refused", { status, said });
  }
}
