// What can go wrong on the way to S3, told apart by what helps.
//
// passing: trying again can help, and `kind` says what has to be done first.
//   lost      no answer; the connection, or somebody in between
//   stalled   nothing moved for too long
//   busy      5xx and 429: not now
//   expired   S3's 403: the signature is too old, so another one is needed
//   damaged   S3's 400: the bytes that arrived are not the bytes that were announced
// not passing:
//   refused   the portal said no, in `message`
//   ended     the session is over, or is another person's
//   changed   the file is no longer what it was when it was chosen
//   gone      S3's 404: the upload was put together already, or cancelled elsewhere; the portal knows which
//   late      sent, but not confirmed yet

const PASSING = new Set(["lost", "stalled", "busy", "expired", "damaged"]);

export class Problem extends Error {
  constructor(kind, { message = "", status = 0, said = {} } = {}) {
    super(message || kind);
    Object.assign(this, { kind, status, said, passing: PASSING.has(kind) });
  }
}

const KINDS = { 400: "damaged", 403: "expired", 404: "gone" };

export const of = (status) => KINDS[status] ?? "busy";

// The words for a person; what the portal said itself comes first.
export function sentence(problem, words) {
  if (problem.kind === "refused" || problem.said.reason === "other_person") return problem.said.detail || words.failed;
  return words[problem.kind] ?? words.failed;
}

// Chromium and Firefox refuse to read a file that was changed or moved after it was chosen.
export async function mustBeReadable(blob) {
  try {
    await blob.slice(0, 1).arrayBuffer();
  } catch {
    throw new Problem("changed");
  }
}
