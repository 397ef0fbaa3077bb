// Says a time in the reader's own zone, on the one page the server made before it knew that zone.

const DAY = { day: "numeric", month: "short" };
const CLOCK = { hour: "2-digit", minute: "2-digit", hour12: false };
// The same English as the server's: British, days before months.
const language = { en: "en-GB" }[document.documentElement.lang] ?? document.documentElement.lang;

function said(at, form) {
  const year = at.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  const weekday = form === "weekday" ? { weekday: "long" } : {};
  const day = new Intl.DateTimeFormat(language, { ...weekday, ...DAY, ...year }).format(at);
  return form === "day" ? day : `${day}, ${new Intl.DateTimeFormat(language, CLOCK).format(at)}`;
}

export default function localTime(element) {
  const when = said(new Date(element.dateTime), element.dataset.form);
  element.textContent = (element.dataset.sentence ?? "{when}").replace("{when}", when);
}
