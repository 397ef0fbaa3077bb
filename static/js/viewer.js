// What a preview needs besides HTML: letters as text, the next address of a film whose address has ended, and a word
// where the browser cannot show the file.

const ADDRESS_LIVES = 55_000; // milliseconds; the portal's addresses end after 60 s, and clocks differ

export default function viewer(place) {
  const shown = place.querySelector("img, audio, video, pre");
  function fail() {
    shown.hidden = true;
    place.querySelector("[data-problem]").hidden = false;
  }
  if (shown.matches("pre")) show(place, shown).catch(fail);
  else if (shown.matches("img")) failed(shown, fail);
  else keepGoing(place.querySelector("form"), shown, fail);
}

function failed(picture, fail) {
  if (picture.complete && !picture.naturalWidth) fail();
  else picture.addEventListener("error", fail);
}

async function show(place, pre) {
  const most = Number(place.dataset.bytes);
  const { bytes, cut } = await beginning(place.dataset.address, most);
  pre.textContent = decoded(bytes, cut);
  pre.hidden = false;
  const note = place.querySelector("[data-cut]");
  if (note) note.hidden = false;
}

// No more than is shown is fetched, even from a store that takes no heed of ranges.
async function beginning(address, most) {
  const answer = await fetch(address, { headers: { Range: `bytes=0-${most - 1}` }, cache: "no-store" });
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  const bytes = new Uint8Array(most);
  const reader = answer.body.getReader();
  let length = 0;
  for (let part = await reader.read(); !part.done && length < most; part = await reader.read()) {
    bytes.set(part.value.subarray(0, most - length), length);
    length += Math.min(part.value.length, most - length);
  }
  reader.cancel();
  return { bytes: bytes.subarray(0, length), cut: length === most };
}

// UTF-8, or what its first bytes say; else the old encoding of Western Europe, which takes every byte.
function decoded(bytes, cut) {
  const mark = (bytes[0] << 8) | bytes[1];
  const encoding = { 0xfffe: "utf-16le", 0xfeff: "utf-16be" }[mark] ?? "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

// A player fetches what it plays piece by piece; once its address has ended, it goes on with a new one.
function keepGoing(form, player, fail) {
  let since = Date.now();

  async function renew() {
    if (Date.now() - since < ADDRESS_LIVES) return fail(); // it is not the address
    since = Date.now();
    const at = player.currentTime;
    const plays = !player.paused;
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) return fail();
    player.src = (await answer.json()).address;
    player.addEventListener("loadedmetadata", () => { player.currentTime = at; }, { once: true });
    if (plays) player.play().catch(() => {});
  }

  player.addEventListener("error", () => renew().catch(fail));
  if (player.error) fail();
}
