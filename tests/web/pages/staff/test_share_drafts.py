"""Preparing a share by steps, leaving it, coming back: nothing typed is lost, nothing secret is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.domain.files.file import File
from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.workflows.files import owned_files
from tests.actions import list_mails, list_records, list_rows, make_request, read_state, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.sharing import NEW, press
from tests.web.signed_in import CORPUS, Calls, sign_in

CAROL = "carol@partner.example"
DRAFTS = "/shares?drafts=1"


@pytest.fixture
def file(portal: Running, ana: Person) -> File:
    return upload_file(portal, ana)


def begin_draft(browser: Browser, file: File) -> Page:
    """The second step of a new share."""
    browser.get(f"{NEW}?file={file.id}")
    return press(browser, "recipients")


def current(page: Page) -> str:
    return page.document.one("li", **{"aria-current": "step"}).text


def test_each_step_is_a_page_of_its_own(browser: Browser, portal: Running, file: File) -> None:
    """Back and Next keep what was typed; the review shows all of it, and Share sends that."""
    assert current(begin_draft(browser, file)) == "2 Recipients"
    third = press(browser, "access", recipients=CAROL, message="One\n  two")
    assert current(third) == "3 Access"
    press(browser, "review", download_limit="3", notify="never")
    back = press(browser, "recipients")
    assert back.fields(NEW)["message"].split() == ["One", "two"]
    assert current(press(browser, "choose")) == "1 Files"
    press(browser, "recipients")
    press(browser, "access")
    review = press(browser, "review")
    assert current(review) == "4 Check"
    for said in (CAROL, "3 times", "never about downloads"):
        assert said in review.text
    done = browser.follow(browser.submit(NEW, step="share"))
    assert "Shared with 1 person." in done.text
    assert len(list_mails(portal)) == 1
    assert "No drafts" in browser.get(DRAFTS).text


def test_what_is_wrong_is_said_at_its_step(browser: Browser, portal: Running, file: File) -> None:
    """Not before one has been there, not after it; and the wrong answer is kept, too."""
    page = begin_draft(browser, file)
    assert not page.document.all("div", role="alert")
    page = press(browser, "access", 400, recipients="nobody at all")
    assert current(page) == "2 Recipients"
    assert "nobody at all" in page.document.one("div", role="alert").text
    page = press(browser, "access", recipients=CAROL)
    assert not page.document.all("div", role="alert")
    page = press(browser, "review", 400, download_limit="1.5", recipients="someone else")
    assert current(page) == "2 Recipients"
    assert "whole number" not in page.text
    page = press(browser, "access", recipients=CAROL)
    assert page.fields(NEW)["download_limit"] == "1.5"
    page = press(browser, "review", 400)
    assert "whole number" in page.document.one("div", role="alert").text
    assert list_mails(portal) == []


def test_two_presses_are_enough(browser: Browser, portal: Running, file: File) -> None:
    """Coming with files chosen: Review, then Share, on one page unless steps are liked better."""
    browser.get(f"{NEW}?file={file.id}")
    press(browser, "review", recipients=CAROL)
    browser.submit(NEW, step="share")
    assert len(list_mails(portal)) == 1
    begin_draft(browser, file)
    assert current(browser.get(f"{NEW}?file={file.id}")) == "2 Recipients"
    press(browser, "answers")
    assert not browser.get(f"{NEW}?file={file.id}").document.all("ol", **{"class": "steps"})


def test_a_draft_is_gone_on_with_after_signing_out(
    browser: Browser, portal: Running, ana: Person, file: File
) -> None:
    """What was typed is there again, in another session, at the step where it was left."""
    begin_draft(browser, file)
    press(browser, "access", recipients=CAROL, message="Hello")
    browser.follow(browser.submit(NEW, step="later", download_limit="4", expires_on="soon"))
    browser.submit("/logout")
    portal.clock.turn(days=1)
    sign_in(browser)
    page = browser.get(DRAFTS)
    assert "report" in page.text
    assert CAROL in page.text
    page = browser.get(page.links["Continue"])
    assert current(page) == "3 Access"
    kept = page.fields(NEW)
    assert (kept["download_limit"], kept["recipients"], kept["message"]) == ("4", CAROL, "Hello")
    assert kept["expires_on"] == "soon"
    press(browser, "review", expires_on="")
    assert browser.submit(NEW, step="share").location.startswith("/shares/")
    assert list_records(portal, "share.created")


@pytest.mark.parametrize("step", ["review", "answers"])
def test_the_password_is_in_no_draft(browser: Browser, portal: Running, file: File, step: str) -> None:
    """It comes along from page to page, and is asked for again by whoever comes back."""
    browser.get(f"{NEW}?file={file.id}")
    page = press(browser, step, recipients=CAROL, password="correct horse")
    assert page.fields(NEW)["password"] == "correct horse"
    assert "correct horse" not in str(list_rows(portal))
    again = browser.get(browser.get(DRAFTS).links["Continue"])
    assert "A draft never keeps the password." in again.document.one("div", role="alert").text
    assert "correct horse" not in again.answer.text
    assert "Required. Tell" not in press(browser, "review").text


def test_what_was_deleted_meanwhile_is_said(
    browser: Browser, portal: Running, ana: Person, file: File
) -> None:
    other = upload_file(portal, ana, "other.pdf")
    browser.get(f"{NEW}?file={file.id}&file={other.id}")
    review = press(browser, "review", recipients=CAROL, file=[file.id, other.id])
    run(
        owned_files.TRASH,
        owned_files.ChangeFile(make_request(ana, portal), file_id=other.id),
        portal.portal.services,
    )
    page = browser.get(review.path.partition("?")[0] + "?step=answers")
    assert "1 file of this draft no longer exists" in page.text
    assert page.fields(NEW)["file"] == file.id
    again = browser.get(review.path)
    assert "other.pdf cannot be shared" in again.document.one("div", role="alert").text
    browser.page = review
    late = browser.submit(NEW, 400, step="share", file=[file.id, other.id])
    assert "other.pdf cannot be shared" in late.text
    assert list_mails(portal) == []


def test_a_draft_is_thrown_away(browser: Browser, portal: Running, file: File) -> None:
    begin_draft(browser, file)
    listed = browser.get(DRAFTS)
    address = listed.links["Continue"]
    assert "Discard this draft?" in listed.text
    page = browser.follow(browser.submit(f"{address}/delete"))
    assert "The draft is discarded." in page.text
    assert "No drafts" in page.text
    browser.get(address, 404)


@pytest.mark.requirement("R11")
def test_somebody_elses_draft_is_not_there(
    new_browser: Callable[[], Browser], browser: Browser, portal: Running, file: File
) -> None:
    """Nor are their files in one's own."""
    begin_draft(browser, file)
    address = browser.get(DRAFTS).links["Continue"]
    other = new_browser()
    ben = sign_in(other, "Ben Okoro")
    other.get(address, 404)
    before = read_state(portal)
    secret = other.get("/account").document.all("input", name="csrf_token")[0].attributes["value"]
    other.ask("POST", f"{address}/delete", 404, data={"csrf_token": secret})
    assert read_state(portal) == before
    mine = upload_file(portal, ben)
    other.get(f"{NEW}?file={mine.id}")
    press(other, "answers", file=[mine.id, file.id], message="Hello")
    assert file.id not in str([item for item in read_state(portal) if ben.id in item["pk"]["S"]])


@pytest.mark.requirement("R51")
def test_what_was_sent_is_no_draft_any_more(browser: Browser, portal: Running, file: File) -> None:
    """The address of the draft leads to the share; an older page of it makes no draft again."""
    browser.get(f"{NEW}?file={file.id}")
    form = browser.page
    review = press(browser, "review", recipients=CAROL)
    made = browser.submit(NEW, step="share").location
    assert browser.get(review.path, 303).location == made
    browser.page = form
    assert press(browser, "review", recipients="dave@partner.example").heading == "Check and share"
    assert "No drafts" in browser.get(DRAFTS).text


@pytest.mark.requirement("R16")
def test_looking_at_a_form_keeps_nothing(browser: Browser, portal: Running, file: File) -> None:
    """Nor does a press where nothing has been said yet."""
    before = read_state(portal)
    browser.get(f"{NEW}?file={file.id}")
    browser.get(NEW)
    press(browser, "choose", search="report")
    assert read_state(portal) == before
    begin_draft(browser, file)
    with Calls(portal) as calls:
        browser.get("/shares")
    assert len(calls.names) <= 2


def test_the_twenty_first_is_said_not_to_be_kept(browser: Browser, portal: Running, file: File) -> None:
    for _ in range(20):
        begin_draft(browser, file)
    browser.get(f"{NEW}?file={file.id}")
    review = press(browser, "review", recipients=CAROL)
    assert "You have 20 drafts" in review.text
    browser.submit(NEW, step="share")
    assert len(list_mails(portal)) == 1


def test_ten_thousand_recipients_are_refused_in_words(browser: Browser, portal: Running, file: File) -> None:
    """The form brings them as they are, and shows them again; nothing typed is lost."""
    many = "\n".join(f"p{n:05}@x.example" for n in range(10_000))
    browser.get(f"{NEW}?file={file.id}")
    kind = {"content_type": "multipart/form-data"}
    fields = (browser.page.fields(NEW) if browser.page else {}) | {"recipients": many, "step": "review"}
    page = browser.ask("POST", NEW, 400, data=fields, **kind)
    assert "at most 500 recipients; these are 10000." in page.document.one("div", role="alert").text
    assert page.fields(NEW)["recipients"] == many
    assert page.form(NEW).attributes["enctype"] == "multipart/form-data"


def test_limits_are_shown_before(browser: Browser, portal: Running, file: File) -> None:
    page = browser.get(f"{NEW}?file={file.id}")
    for said in ("up to 50", "2,000 characters", "from 1 to 100", "At most 90 days"):
        assert said in page.text
    day = page.document.one("input", name="expires_on").attributes
    assert day["min"] == portal.clock().date().isoformat() < day["max"]
    assert "up to 40 files" in press(browser, "choose").text


@pytest.mark.requirement("R24")
def test_a_draft_with_odd_words_shows_them_as_text(browser: Browser, portal: Running, file: File) -> None:
    text = "\n".join(CORPUS)
    browser.get(f"{NEW}?file={file.id}")
    plain = len(press(browser, "answers", recipients="words").document.all("script", "img", "b"))
    page = press(browser, "answers", recipients=text, message=text, download_limit=text)
    assert len(page.document.all("script", "img", "b")) == plain
    rows_of = browser.get(DRAFTS)
    assert not rows_of.document.all("img", "b")


def test_links_to_pass_on_are_there_at_once(browser: Browser, portal: Running, file: File) -> None:
    """For whom is ticked on the review: no email, the link first, and the email after all."""
    browser.get(f"{NEW}?file={file.id}")
    press(browser, "review", recipients=f"{CAROL}, zoe@partner.example")
    press(browser, "answers", by_hand="zoe@partner.example")
    review = press(browser, "review")
    assert review.fields(NEW)["by_hand"] == "zoe@partner.example"
    page = browser.follow(browser.submit(NEW, step="share"))
    assert "Shared with 2 people. 1 link is yours to share." in page.text
    assert [each.destinations["ToAddresses"] for each in list_mails(portal)] == [[CAROL]]
    rows = page.document.all("tr", **{"class": "person-row"})
    for said in ("zoe@partner.example", "No email sent", "Copy link", "got no email"):
        assert said in rows[0].text
    assert "got no email" not in rows[1].text
    page = browser.get(rows[0].one("a").attributes["href"].partition("#")[0])
    assert "without an email" in page.document.one("article").text
    action = next(each.attributes["action"] for each in page.document.all("form")
                  if "Send the email after all" in each.text)  # fmt: skip
    page = browser.get(browser.submit(action).location.partition("#")[0])
    assert "is sent, with the same link." in page.text
    assert "Email queued after all by Ana Lopes" in page.text
    assert len(list_mails(portal)) == 2
