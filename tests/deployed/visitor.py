"""Someone with a browser without scripts: opens pages, fills in their forms, follows where they lead."""

from __future__ import annotations

from urllib.parse import urljoin

import requests

from tests.web.page import Element, Reader

SECONDS = 30
Files = dict[str, tuple[str, bytes]]  # a field's name, then the file's name and what is in it


class Visitor:
    """`page` is the answer that was opened last; cookies are kept as a browser keeps them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.page = requests.Response()

    def open(self, path: str, status: int = 200) -> Element:
        """A page of the portal, or a whole address such as a mailed link."""
        address = path if path.startswith("http") else self.url + path
        return self._arrive(self.session.get(address, timeout=SECONDS), status)

    def submit(
        self, action: str, files: dict[str, tuple[str, bytes]] | None = None, **values: str
    ) -> Element:
        """Fill in the form whose action ends so, and send it."""
        (form, *_) = [
            each for each in self.document.all("form") if each.attributes["action"].endswith(action)
        ]
        address = urljoin(self.page.url, form.attributes["action"])
        answer = self.session.post(address, data=_fill(form) | values, files=files, timeout=SECONDS)
        return self._arrive(answer, 200)

    @property
    def document(self) -> Element:
        reader = Reader()
        reader.feed(self.page.text)
        return reader.open[0]

    def _arrive(self, answer: requests.Response, status: int) -> Element:
        self.page = answer
        assert answer.status_code == status, f"{answer.url}: {answer.status_code}\n{answer.text[:1000]}"
        return self.document


def _fill(form: Element) -> dict[str, str]:
    """What a browser would send: texts as they stand, boxes and choices only where they are ticked."""
    fields = {}
    for each in form.all("input", "textarea"):
        name, kind = each.attributes.get("name"), each.attributes.get("type", "text")
        ticked = kind not in {"checkbox", "radio"} or "checked" in each.attributes
        if name and ticked and kind not in {"file", "submit"}:
            fields[name] = each.attributes.get("value", each.text)
    return fields
