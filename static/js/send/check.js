// What the page can tell by itself of what would be sent.

export function findWrong({ files, people, form, words }) {
  const found = {};
  const groups = form.querySelectorAll("input[name=groups]:checked").length;
  if (!files.total) found.file = [words.no_files];
  if (files.total > files.most) found.file = [tooMany({ files, words })];
  if (!people.count && !groups) found.recipients = [words.no_people];
  return found;
}

export const tooMany = ({ files, words }) => words.too_many_files.replace("{most}", files.most)
  .replace("{number}", files.total.toLocaleString(document.documentElement.lang));
