"""A client over HTTP that keeps cookies and fills in forms; it can be cloned, so that many act at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import requests

from tests.web.page import Element, Page, Reader

SECONDS = 60  # 40 at once on a small machine take their time


class Client:
    """`answer` is the last answer, `document` the page in it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.answer = requests.Response()

    def get(self, path: str, status: int = 200) -> Element:
        self.answer = self.http.get(urljoin(self.url, path), timeout=SECONDS)
        assert self.answer.status_code == status, (
            f"{path}: {self.answer.status_code} {self.answer.text[:300]}"
        )
        return self.document

    @property
    def document(self) -> Element:
        reader = Reader()
        reader.feed(self.answer.text)
        return reader.open[0]

    def fill_form(self, action: str, place: int = 0) -> tuple[str, dict[str, str]]:
        """The address of a form on the page, by the end of its action, and what it would send untouched."""
        forms = [
            each
            for each in self.document.all("form")
            if each.attributes["action"].split("?")[0].endswith(action)
        ]
        page = Page.__new__(Page)
        page.document = Element("document", {}, [forms[place]])
        return urljoin(self.answer.url, forms[place].attributes["action"]), page.fields(
            forms[place].attributes["action"]
        )

    def submit(self, action: str, *, place: int = 0, follow: bool = True, **values: Any) -> requests.Response:
        address, fields = self.fill_form(action, place)
        self.answer = self.post(address, fields | values, follow=follow)
        return self.answer

    def post(self, address: str, values: dict[str, Any], *, follow: bool = False) -> requests.Response:
        return self.http.post(address, data=values, timeout=SECONDS, allow_redirects=follow)

    def upload(self, name: str, body: bytes) -> str:
        """Announce, send and complete a file as the upload page's script does; returns its id."""
        token = self.get("/account").all("input", name="csrf_token")[0].attributes["value"]
        headers = {"X-CSRFToken": token, "Referer": self.url}
        made = self.http.post(
            f"{self.url}/v1/uploads", json={"name": name, "size": len(body)}, headers=headers, timeout=SECONDS
        ).json()
        sent = requests.post(made["url"], data=made["fields"], files={"file": (name, body)}, timeout=SECONDS)
        assert sent.ok, sent.text
        done = self.http.post(urljoin(self.url, made["complete"]), headers=headers, timeout=SECONDS)
        assert done.json()["state"] == "ready", done.text
        return str(made["file_id"])
