"""An address is corrected in one step: from the share's page, and by programs."""

from __future__ import annotations

from collections.abc import Callable

from portal.domain.people.person import Person
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import list_mails, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import sign_in
from tests.web.tokens import Program, make_token


def share(portal: Running, ana: Person) -> ShareFiles:
    return share_files(portal, ana, [upload_file(portal, ana)], recipients_text="eve@exampel.com")


def test_from_the_page(portal: Running, browser: Browser) -> None:
    made = share(portal, sign_in(browser))
    path = f"/shares/{made.about}"
    form = browser.get(path).links["Correct the address"]
    assert "eve@exampel.com stops working" in browser.get(form).text
    refused = browser.submit(form, 400, recipients="eve@exampel.com, nobody")
    assert "nobody" in refused.document.one("div", role="alert").text
    assert refused.fields(form)["recipients"] == "eve@exampel.com, nobody"
    page = browser.get(browser.submit(form, recipients="eve@example.com").location.partition("#")[0])
    assert "The link of eve@exampel.com no longer works; eve@example.com has a new one." in page.text
    assert "corrected by Ana Lopes from eve@exampel.com to eve@example.com" in page.text
    assert len(list_mails(portal)) == 2
    assert f"{path}/recipients/{made.recipients[0].id}/address" not in page.answer.text
    browser.get(form.replace(made.recipients[0].id, "0" * 26), 404)


def test_only_for_the_owner(portal: Running, browser: Browser, new_browser: Callable[[], Browser]) -> None:
    made = share(portal, sign_in(browser))
    form = browser.get(f"/shares/{made.about}").links["Correct the address"]
    for name, group in (("Ben Okoro", ()), ("Ida Admin", ("admins",))):
        other = new_browser()
        sign_in(other, name, *group)
        other.get(form, 404)
        other.get("/account")
        token = other.page.fields("/account/delete")["csrf_token"] if other.page else ""
        other.ask("POST", form, 404, data={"csrf_token": token, "recipients": "x@example.com"})
    assert len(list_mails(portal)) == 1


def test_by_programs(portal: Running, browser: Browser, program: Callable[[str], Program]) -> None:
    ana = sign_in(browser)
    made = share(portal, ana)
    caller = program(make_token(portal, ana, "read", "share"))
    path = f"/v1/shares/{made.about}/recipients/{made.recipients[0].id}/correct"
    for _ in range(2):
        said = caller.ask("POST", path, json={"address": "eve@example.com"})
        states = {each["address"]: each["status"] for each in said["recipients"]}
        assert states == {"eve@exampel.com": "withdrawn", "eve@example.com": "open"}
    refused = caller.ask("POST", path, 400, json={"address": "eve"})
    assert "eve" in refused["detail"]
    program(make_token(portal, ana, "read")).ask("POST", path, 403, json={"address": "x@example.com"})
