// The settings in one line, as they are chosen now; components/send.html says the same when the page opens.

export function settingsInWords(form, words) {
  const value = (name) => form.elements[name]?.value?.trim() ?? "";
  const isOn = (name) => [...form.querySelectorAll(`[name="${name}"]`)].some((each) => (each.type === "hidden" ? each.value === "y" : each.checked));
  const day = form.querySelector("[name=last_day]:checked");
  const until = day?.value === "date"
    ? words.open_until.replace("{date}", shown(value("expires_on")))
    : words.open_days.replace("{days}", day?.closest("label").textContent.trim() ?? "");
  const limit = value("download_limit");
  return `${[
    until,
    limit ? words.limit.replace("{number}", limit) : words.no_limit,
    isOn("confirm") ? words.code : words.no_code,
    ...value("password") ? [words.with_password] : [],
    isOn("preview") ? words.previews : words.no_previews,
  ].join(", ")}.`;
}

const shown = (date) => (date ? new Date(`${date}T00:00`).toLocaleDateString(document.documentElement.lang, { dateStyle: "medium" }) : "…");
