"""The pages of a handover: all of someone's things in one press, or what was ticked on a list."""

from __future__ import annotations

from collections.abc import Callable

from tests.actions import make_id, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.lists import file_names
from tests.web.signed_in import sign_in


def test_all_in_one_press_and_chosen_ones_from_a_list(
    portal: Running, browser: Browser, new_browser: Callable[[], Browser]
) -> None:
    ben_s = new_browser()
    ana, ben = sign_in(new_browser()), sign_in(ben_s, "Ben Okoro", "staff")
    sign_in(browser, "Ada Minh", "admins")
    files = [upload_file(portal, ana, f"{place}.pdf") for place in range(3)]
    share_files(portal, ana, files[:1])
    browser.get(f"/admin/files?owner={ana.id}")
    action = f"/admin/people/{ana.id}/handover"
    assert browser.page is not None
    assert browser.page.form(action)
    browser.get(f"{action}?file={files[2].id}")
    assert "1 chosen file or share gets a new owner." in browser.page.text
    page = browser.follow(browser.submit(action, receiver="Ben@example.org"))
    assert "Everything was handed over." in page.text
    ben_s.get("/files")
    assert file_names(ben_s) == ["2.pdf"]
    browser.get(action)
    browser.page = browser.submit(action, 400, receiver="nobody@example.org")
    assert "has confirmed this address has signed in yet" in browser.page.text
    page = browser.follow(browser.submit(action, receiver=ben.id))
    assert "Everything was handed over." in page.text
    ben_s.get("/files")
    assert set(file_names(ben_s)) == {"0.pdf", "1.pdf", "2.pdf"}
    assert (
        "Ada Minh handed 0.pdf over from Ana Lopes to Ben Okoro." in ben_s.get(f"/files/{files[0].id}").text
    )
    ben_s.get("/shares")
    assert file_names(ben_s) == ["0.pdf"]
    ben_s.get(action, 403)
    browser.get(f"/admin/people/{make_id(portal)}/handover", 404)
