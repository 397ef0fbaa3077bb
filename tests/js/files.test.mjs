// What is left out of a dropped folder, how sizes are written, and whether two files are one.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { prettierBytes } from "../../static/js/bytes.js";
import { of, Problem, sentence } from "../../static/js/uploads/problems.js";
import { haveSameContent } from "../../static/js/uploads/same-content.js";
import { isSystemFile } from "../../static/js/uploads/system-files.js";

beforeEach(() => { globalThis.document = { documentElement: { lang: "en" } }; });

const LEFT_OUT = [
  "Plans/.DS_Store", "Plans/2026/Thumbs.db", "a/desktop.ini", "a/DESKTOP.INI", "__MACOSX/a/report.pdf", "a/._report.pdf",
  "a/~$report.docx", "a/.~lock.report.odt#", "$RECYCLE.BIN/a.txt", "a/@eaDir/b/c.jpg", "a/Icon\r", "a/.Trashes/b",
];
const SENT = [
  undefined, "", ".DS_Store", "desktop.ini", "Thumbs.db", "Plans/report.pdf", "a/.htaccess", "a/thumbs.database",
  "a/my desktop.ini.txt", "a/_report.pdf", "a/~report.docx", "DS_Store/a.txt",
];

for (const path of LEFT_OUT) test(`${JSON.stringify(path)} stays at home`, () => assert.ok(isSystemFile(path)));
for (const path of SENT) test(`${JSON.stringify(path)} is sent`, () => assert.ok(!isSystemFile(path)));

const SIZES = [
  [0, "0 bytes"], [1, "1 byte"], [999, "999 bytes"], [27.537, "28 bytes"], [1000, "1.0\u00a0kB"], [1049, "1.0\u00a0kB"],
  [999_949, "999.9\u00a0kB"], [999_950, "1.0\u00a0MB"], [2.4e9, "2.4\u00a0GB"], [1e12, "1.0\u00a0TB"], [5e15, "5,000.0\u00a0TB"],
];

for (const [bytes, shown] of SIZES) test(`${bytes} bytes are ${shown}`, () => assert.equal(prettierBytes(bytes), shown));

test("sizes follow the page's language", () => {
  globalThis.document.documentElement.lang = "de";
  assert.equal(prettierBytes(2.4e9), "2,4\u00a0GB");
});

const blob = (...parts) => new Blob(parts);
const LARGE = "x".repeat(5 * 1024 * 1024);

const PAIRS = [
  [blob("a"), blob("a"), true], [blob("a"), blob("b"), false], [blob("a"), blob("aa"), false], [blob(), blob(), true],
  [blob(LARGE, "1"), blob(LARGE, "1"), true], [blob(LARGE, "1"), blob(LARGE, "2"), false],
];

for (const [place, [one, other, isSame]] of PAIRS.entries()) {
  test(`files of pair ${place} are ${isSame ? "one" : "two"}`, async () => {
    assert.equal(await haveSameContent(one, other), isSame);
    assert.equal(await haveSameContent(one, one), true);
  });
}

test("what S3 answers says what helps", () => {
  const kinds = [400, 403, 404, 429, 500, 503].map(of);
  assert.deepEqual(kinds, ["damaged", "expired", "gone", "busy", "busy", "busy"]);
  assert.deepEqual(kinds.map((kind) => new Problem(kind).passing), [true, true, false, true, true, true]);
});

test("the portal's own words come first, and there always are some", () => {
  const words = { failed: "It failed.", lost: "No connection." };
  assert.equal(sentence(new Problem("refused", { said: { detail: "Too large." } }), words), "Too large.");
  assert.equal(sentence(new Problem("refused"), words), "It failed.");
  assert.equal(sentence(new Problem("lost"), words), "No connection.");
  assert.equal(sentence(new Problem("damaged"), words), "It failed.");
});
