"""A share's page offers to give a download back that broke off."""

from __future__ import annotations

import pytest

from tests.actions import download_file, link_token, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import sign_in
from tests.workflows.shares.test_give_back import break_off


@pytest.mark.requirement("R49")
def test_one_press_gives_it_back(browser: Browser, portal: Running) -> None:
    ana = sign_in(browser, "Ana Lopes")
    file = upload_file(portal, ana)
    made = share_files(portal, ana, [file], download_limit=1)
    download_file(portal, link_token(portal, made), file)
    path, words = f"/shares/{made.about}", "A download broke off before its end."
    assert words not in browser.get(path).text
    break_off(portal, made, file)
    page = browser.get(path)
    assert words in page.text
    action = f"{path}/recipients/{made.recipients[0].id}/give-back"
    for said in ("partner@example.com can download this file once more.", "was given back already."):
        browser.page = page
        browser.submit(action)
        assert said in browser.get(path).text
    assert words not in browser.get(path).text
    assert "Download of report.pdf given back by Ana Lopes" in browser.get(path).text
    browser.page = page
    browser.submit(action, 409, seen="x")
