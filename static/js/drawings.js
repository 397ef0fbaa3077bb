// The pictures of a page that was fetched, for parts of it that come into the page that is open: icons point to drawings
// at a page's end, and those of another state may not be among them yet.

export function takeDrawings(fresh) {
  const here = document.querySelector(".drawings");
  for (const each of fresh.querySelectorAll(".drawings > symbol")) {
    if (here && !document.getElementById(each.id)) here.append(document.adoptNode(each));
  }
}
