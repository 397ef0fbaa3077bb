"""The pages of legal holds: set on what is looked at, shown there, released by a second administrator."""

from __future__ import annotations

from collections.abc import Callable

from tests.actions import make_person, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import sign_in


def test_a_hold_is_set_shown_and_released_by_someone_else(
    portal: Running, browser: Browser, new_browser: Callable[[], Browser]
) -> None:
    owner_s, ida_s = new_browser(), new_browser()
    ana = sign_in(owner_s)
    sign_in(browser, "Ada Minh", "admins")
    sign_in(ida_s, "Ida Minh", "admins")
    file = upload_file(portal, ana)
    made = share_files(portal, ana, [file])
    things = {"file": (file.id, f"/admin/files/{file.id}"), "share": (made.about, f"/shares/{made.about}"),
              "person": (ana.id, f"/admin/people/{ana.id}/handover")}  # fmt: skip
    for kind, (thing_id, shown_on) in things.items():
        action = f"/admin/holds/{kind}/{thing_id}"
        browser.get(shown_on)
        assert browser.page is not None
        assert action in browser.page.links.values()
        browser.get(action)
        browser.submit(action, 400, reason=" ")
        page = browser.follow(browser.submit(action, reason=f"Case {kind}"))
        assert f"Case {kind}" in page.text
        assert f"Case {kind}" in browser.get(shown_on).text
    owner_s.get(f"/files/{file.id}")
    fields = owner_s.page.fields("/files/trash") if owner_s.page else {}
    refused = owner_s.ask("POST", "/files/trash", 409, data=fields)
    assert "This is on legal hold." in refused.text
    assert "Case" not in owner_s.get(f"/shares/{made.about}").text
    assert not browser.get("/admin/holds").document.all("input", name="reason")
    for left in (2, 1, 0):
        [form, *rest] = ida_s.get("/admin/holds").document.all("form", **{"class": "form-column"})
        assert len(rest) == left
        ida_s.follow(ida_s.submit(form.attributes["action"], reason="Settled"))
    assert "Settled" in ida_s.get("/admin/holds?released=1").text
    assert "No legal holds" in ida_s.get("/admin/holds").text
    browser.get(f"/admin/holds/folder/{file.id}", 404)
    browser.get(f"/admin/holds/file/{make_person().id}", 404)
    owner_s.get("/admin/holds", 403)
