// A file's bytes from its address to the last one, whatever breaks on the way: what broke goes on where it broke, and an
// address that has ended is exchanged for the next one of the same press, which counts once (R79). The worker behind
// "Download all" uses this too.

// Milliseconds before what broke is tried again: in all three minutes, as long as a train is in a tunnel.
const WAITS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 60_000];
const PROOF_WAIT = 5000; // milliseconds between two looks whether the reader has shown again whose the link is
const PROOF_LOOKS = 720; // an hour's

// What trying again cannot mend; detail: the portal's words for it.
export class Refused extends Error {
  constructor(detail = "") {
    super("refused");
    this.detail = detail;
  }
}

// The link wants its code again, or its password: an hour is over. Once they were given, the bytes go on.
class Unconfirmed extends Refused {}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

const passing = (status) => status >= 500 || status === 429;

// {address, expires_in} for a press: form-encoded fields, sent to the place its form goes to.
export async function requestAddress(place, fields, headers, signal) {
  const answer = await fetch(place, {
    method: "POST", body: new URLSearchParams(fields), headers: { Accept: "application/json", ...headers },
    redirect: "error", signal,
  });
  if (passing(answer.status)) throw new Error("later");
  const said = await answer.json().catch(() => ({}));
  if (said.reason === "unconfirmed") throw new Unconfirmed(said.detail);
  if (!answer.ok) throw new Refused(said.detail);
  return said;
}

// The bytes from a place on. Null where the address has ended: S3 begins no answer after its minute.
async function opened(address, from, seen, signal) {
  const answer = await fetch(address, {
    headers: from ? { Range: `bytes=${from}-` } : {},
    credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store", signal,
  });
  if (answer.status === 403) return null;
  if (passing(answer.status)) throw new Error("later");
  if (answer.status !== (from ? 206 : 200)) throw new Refused();
  // Addresses name the version of the object that was shared. Where a store keeps no versions, its tag tells other bytes.
  const tag = answer.headers.get("ETag");
  if (seen.tag && tag && tag !== seen.tag) throw new Refused();
  seen.tag ||= tag;
  return answer.body.getReader();
}

// next: gives an address; signal: ends it all; tell: is called with the number of bytes that came; waits: with the
// portal's words, where it first wants to be shown something, and empty once it was. Without it that ends the file.
export async function* fetchResumable(size, next, { address = "", signal, tell = () => {}, waits } = {}) {
  const seen = { tag: null };
  let done = 0;
  let broken = 0; // in a row, without a byte in between
  let looks = 0;
  for (;;) {
    try {
      address ||= await next();
      if (looks) waits("");
      looks = 0;
      const reader = done < size ? await opened(address, done, seen, signal) : null;
      for (let part = await reader?.read(); part?.value; part = await reader.read()) {
        done += part.value.length;
        if (done > size) throw new Refused();
        broken = 0;
        tell(part.value.length);
        yield part.value;
      }
      if (done === size) return;
      if (!reader) address = "";
      throw new Error("short");
    } catch (problem) {
      if (problem instanceof Unconfirmed && waits && looks < PROOF_LOOKS && !signal?.aborted) {
        if (!looks) waits(problem.detail);
        looks += 1;
        await pause(PROOF_WAIT);
        continue;
      }
      if (problem instanceof Refused || signal?.aborted || broken === WAITS.length) throw problem;
      await pause(WAITS[broken]);
      broken += 1;
    }
  }
}
