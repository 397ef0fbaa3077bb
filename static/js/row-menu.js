// One menu for all rows of a list. A row's link [data-menu] names its file and [data-lacks] what cannot be done with it;
// the menu comes to stand behind the link, with that file's id wherever its template has a blank.

const BLANK = "~file~"; // no such characters in a token
const VALUES = ["action", "href", "value"];

function makeBlanks(menu) {
  return [...menu.querySelectorAll("*")].flatMap((element) => VALUES
    .filter((name) => element.getAttribute(name)?.includes(BLANK))
    .map((name) => ({ element, name, pattern: element.getAttribute(name) })));
}

export default function rowMenu(menu) {
  const links = document.querySelectorAll("[data-menu]");
  const blanks = makeBlanks(menu);
  const items = () => [...menu.querySelectorAll(".menu-item")].filter((each) => !each.closest("[hidden]"));
  let opener = null;

  function close() {
    opener?.setAttribute("aria-expanded", "false");
    opener = null;
    menu.hidden = true;
  }

  function open(link) {
    close();
    opener = link;
    for (const { element, name, pattern } of blanks) element.setAttribute(name, pattern.replace(BLANK, link.dataset.menu));
    const lacking = link.dataset.lacks.split(" ");
    for (const each of menu.querySelectorAll("[data-act]")) each.hidden = lacking.includes(each.dataset.act);
    const label = menu.querySelector("[data-name] [data-label]"); // download.js says in it what it does, of another file
    const form = label.closest("form");
    form.dataset.name = link.closest("tr").querySelector(".file-name").title;
    label.textContent = form.dataset.label ?? label.textContent;
    link.after(menu);
    link.setAttribute("aria-expanded", "true");
    menu.hidden = false;
  }

  function move(step) {
    const all = items();
    const at = all.indexOf(document.activeElement);
    all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length].focus();
  }

  function onKey(event) {
    const link = event.target.closest("[data-menu]") ?? opener;
    if (event.key === "Escape" && opener) {
      const last = opener;
      close();
      last.focus();
    } else if (event.key === " " && event.target === link) {
      event.preventDefault();
      link.click();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (opener !== link) open(link);
      move(event.key === "ArrowDown" ? 1 : -1);
    }
  }

  for (const link of links) {
    link.setAttribute("role", "button");
    link.setAttribute("aria-expanded", "false");
    link.addEventListener("keydown", onKey);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      if (opener === link) close();
      else open(link);
    });
  }
  menu.addEventListener("keydown", onKey);
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && relatedTarget !== opener && !menu.contains(relatedTarget)) close();
  });
  document.addEventListener("click", ({ target }) => {
    if (opener && !opener.contains(target) && !menu.contains(target)) close();
  });
  window.addEventListener("pageshow", close); // also where one comes back to the page
}
