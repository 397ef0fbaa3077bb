// Sizes as the rest of the portal writes them (portal/formatting.py): "2.4 GB", decimal units with one decimal.
// Stands in for the module Uppy brings, whose units are of 1,024: one file would have two sizes on two pages.
const UNITS = ["kB", "MB", "GB", "TB"];
const formats = new Map(); // by language: making one costs more than all that it is used for

function formatsOf(language) {
  if (!formats.has(language)) {
    formats.set(language, {
      bytes: new Intl.NumberFormat(language, { style: "unit", unit: "byte", unitDisplay: "long" }),
      figure: new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    });
  }
  return formats.get(language);
}

export function prettierBytes(bytes) {
  const format = formatsOf(document.documentElement.lang || "en");
  // A speed is a fraction: half a byte is no size, and 27.537 of them read like 27,537.
  const whole = Math.round(bytes);
  if (whole < 1000) return format.bytes.format(whole);
  let value = bytes / 1000;
  let unit = 0;
  while (Math.round(value * 10) >= 10_000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${format.figure.format(value)}\u00a0${UNITS[unit]}`;
}
