// One file's bytes, from the portal's word that it may be had to the last one.

import { requestAddress, fetchResumable } from "../../static/js/resumable-fetch.js";

// told: is called with the number of bytes that came, and with 0 when the file begins; waits: as `fetchResumable` has it.
export async function* bytesOf(file, { download, token, stop }, told, waits) {
  const press = { file_id: file.id, attempt_id: file.attempt_id };
  const next = async () => (await requestAddress(download, press, { "X-CSRFToken": token }, stop.signal)).address;
  told(0);
  yield* fetchResumable(file.size, next, { address: file.address, signal: stop.signal, tell: told, waits });
}
