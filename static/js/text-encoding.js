// What the letters of a text are, by its bytes: { text, guessed }. guessed: the name of the encoding where nothing says
// that it is the right one, and empty where a mark or strict UTF-8 does.

const MARKS = [["utf-8", [0xef, 0xbb, 0xbf]], ["utf-16le", [0xff, 0xfe]], ["utf-16be", [0xfe, 0xff]]];
// eslint-disable-next-line no-control-regex -- the escape is what tells
const JAPANESE = /\x1b(\$[@B]|\([BJI])/; // ISO-2022-JP is ASCII by its bytes, and says by escapes what they mean

export function decodeText(bytes, cut) {
  const marked = MARKS.find(([, mark]) => mark.every((byte, place) => bytes[place] === byte))?.[0];
  const certain = strictly(marked ?? "utf-8", bytes, cut);
  if (certain !== null && (marked || !/\0/.test(certain))) {
    if (!marked && JAPANESE.test(certain)) return guess("iso-2022-jp", bytes);
    return { text: certain, guessed: "" };
  }
  return guess(marked ?? likely(bytes), bytes);
}

function strictly(encoding, bytes, cut) {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    return null;
  }
}

// UTF-16 without a mark has a zero in every other byte of Western text; all else is taken for Western Europe's old
// encoding, which has a letter for nearly every byte.
function likely(bytes) {
  const zeros = [0, 0];
  bytes.forEach((byte, place) => { if (byte === 0) zeros[place % 2] += 1; });
  const most = bytes.length / 5;
  if (zeros[1] > most && zeros[0] < zeros[1] / 10) return "utf-16le";
  if (zeros[0] > most && zeros[1] < zeros[0] / 10) return "utf-16be";
  return "windows-1252";
}

function guess(encoding, bytes) {
  const names = { "windows-1252": "Windows-1252", "utf-16le": "UTF-16", "utf-16be": "UTF-16", "utf-8": "UTF-8", "iso-2022-jp": "ISO-2022-JP" };
  return { text: new TextDecoder(encoding).decode(bytes), guessed: names[encoding] };
}
