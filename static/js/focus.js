// Takes the reader to what is wrong: the focus goes to the summary of errors when the page has one.

export default function focus(element) {
  element.focus();
}
