// One file's bytes, from the portal's word that it may be had to the last one, whatever breaks on the way.

const WAITS = [500, 1000, 2000, 4000, 8000]; // milliseconds before what broke is tried again

// What trying again cannot mend; detail: the portal's words for it.
class Refused extends Error {
  constructor(detail = "") {
    super("refused");
    this.detail = detail;
  }
}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

const passing = (status) => status >= 500 || status === 429;

// The address of the file, good for a minute. The same attempt within that minute is counted once.
async function addressOf(file, { download, token, stop }) {
  const answer = await fetch(download, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": token },
    body: new URLSearchParams({ file_id: file.id, attempt_id: file.attempt_id }),
    redirect: "error",
    signal: stop.signal,
  });
  if (passing(answer.status)) throw new Error("later");
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(said.detail);
  return said.address;
}

// The bytes from a place on. Null where the address has run out: S3 begins no answer after its minute.
async function opened(address, from, stop) {
  const answer = await fetch(address, {
    headers: from ? { Range: `bytes=${from}-` } : {},
    credentials: "omit",
    referrerPolicy: "no-referrer",
    cache: "no-store",
    signal: stop.signal,
  });
  if (answer.status === 403) return null;
  if (passing(answer.status)) throw new Error("later");
  if (answer.status !== (from ? 206 : 200)) throw new Refused();
  return answer.body.getReader();
}

// told: is called with the number of bytes that came, and with 0 when the file begins.
export async function* bytesOf(file, job, told) {
  let address = "";
  let done = 0;
  let broken = 0; // in a row, without a byte in between
  told(0);
  for (;;) {
    try {
      address ||= await addressOf(file, job);
      const reader = done < file.size ? await opened(address, done, job.stop) : null;
      for (let part = await reader?.read(); part?.value; part = await reader.read()) {
        done += part.value.length;
        if (done > file.size) throw new Refused();
        broken = 0;
        told(part.value.length);
        yield part.value;
      }
      if (done === file.size) return;
      if (!reader) address = "";
      throw new Error("short");
    } catch (problem) {
      if (problem instanceof Refused || job.stop.signal.aborted || broken === WAITS.length) throw problem;
      await pause(WAITS[broken]);
      broken += 1;
    }
  }
}
