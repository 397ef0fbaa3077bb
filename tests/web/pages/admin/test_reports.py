"""`/admin/reports`: starting a report, watching it, and what comes of it, for people."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.domain.people.person import Person
from portal.domain.usage.reports import TEXTS, Failure, ReportKind, Run, RunState
from tests.actions import list_records, make_person, set_policy, share_files, upload_file
from tests.builders import Running
from tests.query_stub import QueryStub, put_result, with_queries
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.probe import blueprint as probe
from tests.web.signed_in import CORPUS, Calls, sign_in

CLARA = make_person("Clara Diaz")
PATH = "/admin/reports"
DONE = Run(RunState.DONE, 12_000_000_000, 4200)


@pytest.fixture
def stub() -> QueryStub:
    return QueryStub()


@pytest.fixture
def portal(portal: Running, stub: QueryStub) -> Running:
    running = with_queries(portal, stub)
    running.app.register_blueprint(probe)
    return running


@pytest.fixture
def ada(browser: Browser, portal: Running) -> Person:
    return sign_in(browser, "Ada Minh", "admins")


def start(browser: Browser, **typed: str) -> Page:
    browser.get(PATH)
    return browser.follow(browser.submit(PATH, **typed))


def facts(page: Page) -> dict[str, str]:
    found: dict[str, str] = {}
    for listed in page.document.all("dl"):
        words = [each.text for each in listed.all("dt", "dd")]
        found |= dict(zip(words[::2], words[1::2], strict=True))
    return found


def test_a_report_is_watched_to_its_end(
    browser: Browser, portal: Running, stub: QueryStub, ada: Person
) -> None:
    stub.run = Run(RunState.RUNNING, 5_000_000, 800)
    today = portal.clock().date()
    first = today - timedelta(days=17)
    page = start(browser, kind="files", first=str(first))
    assert f"Files by bytes, {first} to {today}" in page.text
    known = facts(page)
    assert (known["State"], known["Read"], known["Time taken"]) == ("Running", "5.0 MB", "0.8 s")
    assert known["Cost"] == "less than 0.01 USD"
    assert known["Asked by"] == "Ada Minh"
    assert known["Query"] == TEXTS[ReportKind.FILES]
    assert page.document.one("section", **{"data-module": "watch"})
    assert "Look again" in page.links
    file = upload_file(portal, CLARA, "plan & cost.pdf")
    rows = f'"{file.id}","1234","2048000"\n"gone","1",""\n'
    put_result(portal, stub.started[0], f'"file_id","complete","bytes"\n{rows}')
    stub.run = DONE
    page = browser.get(page.path)
    assert facts(page)["Cost"] == "0.06 USD"
    assert not page.document.all("section", **{"data-module": "watch"})
    rows = [[cell.text for cell in row.all("td")] for row in page.document.one("table").all("tr")[1:]]
    assert rows == [["plan & cost.pdf", "1,234", "2.0 MB"], ["no longer there", "1", ""]]
    page = browser.submit(f"{page.path}/link", 200)
    address = urlsplit(page.links["Download within a minute"])
    assert parse_qs(address.query)["response-content-disposition"] == [
        f'attachment; filename="report-files-{first}-{today}.csv"'
    ]
    assert "Ready" in browser.get(PATH).text
    told = browser.get("/admin/audit").text
    assert "Ada Minh started a report on the access log." in told
    assert "Ada Minh fetched the result of a report on the access log." in told


def test_recipients_are_named(browser: Browser, portal: Running, stub: QueryStub, ada: Person) -> None:
    stub.run = DONE
    page = start(browser, kind="recipients")
    file = upload_file(portal, CLARA)
    made = share_files(portal, CLARA, [file], recipients_text="ben@example.com")
    ids = f'"{made.about}","{made.recipients[0].id}","{file.id}"'
    columns = '"share_id","recipient_id","file_id","first_day","bytes"'
    put_result(portal, stub.started[0], f'{columns}\n{ids},"2026/11/01","12"\n')
    page = browser.get(page.path)
    rows = [[cell.text for cell in row.all("td")] for row in page.document.one("table").all("tr")[1:]]
    assert rows == [["ben@example.com", "report.pdf", "2026/11/01", "12 bytes"]]
    with Calls(portal) as calls:
        browser.get(page.path)
    assert len(calls.names) <= 4
    with Calls(portal) as calls:
        browser.get(PATH)
    assert len(calls.names) <= 4


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (Run(RunState.FAILED, 1, 1, Failure.TOO_MUCH, "Bytes scanned limit"), "Ask for fewer days."),
        (
            Run(RunState.FAILED, 1, 1, Failure.WRONG, "line 1:8: <b>no</b>"),
            "Athena says: line 1:8: <b>no</b>",
        ),
        (Run(RunState.FAILED, 0, 0, Failure.SERVICE), "Athena failed at it."),
        (Run(RunState.CANCELLED, 0, 0), "Cancelled"),
    ],
)
def test_how_it_failed_is_said_plainly(
    browser: Browser, stub: QueryStub, ada: Person, run: Run, words: str
) -> None:
    stub.run = run
    page = start(browser)
    assert words in page.document.text
    assert "Get the CSV" not in page.text


def test_while_athena_does_not_answer_the_pages_open(browser: Browser, stub: QueryStub, ada: Person) -> None:
    stub.answers = False
    page = start(browser)
    assert facts(page)["State"] == "Waiting to start"
    answer = browser.submit(f"{page.path}/cancel")
    assert "cancelled as soon as it does" in browser.follow(answer).text
    stub.answers = True
    start(browser)
    stub.answers = False
    assert "Athena does not answer just now." in browser.get(PATH).text


def test_cancelling(browser: Browser, stub: QueryStub, ada: Person) -> None:
    page = start(browser)
    done = browser.follow(browser.submit(f"{page.path}/cancel"))
    assert "The report is cancelled." in done.text
    assert facts(done)["State"] == "Cancelled"
    assert "Cancel the report" not in done.text


def test_a_form_that_is_wrong_comes_back_with_what_was_typed(browser: Browser, ada: Person) -> None:
    browser.get(PATH)
    page = browser.submit(PATH, 400, kind="recipients", first="2026-11-18", last="2026-11-01")
    assert "The period ends before it begins." in page.document.one(id="first-error").text
    fields = page.fields(PATH)
    assert (fields["kind"], fields["first"], fields["last"]) == ("recipients", "2026-11-18", "2026-11-01")
    assert browser.submit(PATH, 400, kind="nothing").status == 400


def test_a_query_of_ones_own(browser: Browser, portal: Running, stub: QueryStub, ada: Person) -> None:
    assert "Write a query" not in browser.get(PATH).text
    assert "A policy does not let you" in browser.get(f"{PATH}/query").text
    set_policy(portal, free_queries="yes")
    portal.clock.turn(seconds=61)  # policies are kept for a minute
    page = browser.get(browser.get(PATH).links["Write a query"])
    assert "access_log" in page.text
    page = browser.submit(f"{PATH}/query", 400, query="DROP TABLE access_log")
    assert page.document.one("textarea", id="query").typed == "DROP TABLE access_log"
    assert "Only a SELECT can be run" in page.document.one(id="query-error").text
    stub.run = DONE
    browser.get(f"{PATH}/query")
    page = browser.follow(browser.submit(f"{PATH}/query", query="SELECT agent FROM access_log"))
    rows = "".join('"' + each.replace('"', '""') + '"\n' for each in [*CORPUS, "x" * 500] * 20)
    put_result(portal, stub.started[0], f'"<i>agent</i>"\n{rows}')
    page = browser.get(page.path)
    shown = page.document.one("table")
    assert len(shown.all("tr")) == 41
    assert "These are the first rows." in page.text
    assert len(page.answer.data) < 60_000
    (refused, record) = list_records(portal, "report.asked")
    assert refused["reason"]["S"] == "no_select"
    assert record["details"]["M"]["query"]["S"] == "SELECT agent FROM access_log"


def test_without_athena_the_page_says_so(browser: Browser, stub: QueryStub, ada: Person) -> None:
    stub.is_set_up = False
    page = browser.get(PATH)
    assert "Reports are not set up" in page.text
    assert not page.document.all("form", id="new-report")


def test_an_empty_result_and_one_that_is_gone(
    browser: Browser, portal: Running, stub: QueryStub, ada: Person
) -> None:
    stub.run = DONE
    page = start(browser)
    assert "The result is no longer there." in page.text
    put_result(portal, stub.started[0], '"person_id","bytes"\n')
    assert "No rows" in browser.get(page.path).text


def test_the_list_goes_on_by_cursor(browser: Browser, portal: Running, stub: QueryStub, ada: Person) -> None:
    stub.run = DONE
    for _ in range(26):
        browser.get(PATH)
        browser.submit(PATH)
        portal.clock.turn(seconds=1)
    page = browser.get(PATH)
    assert len(page.document.one("table").all("tr")) == 26
    page = browser.get(page.links["Next"])
    assert len(page.document.one("table").all("tr")) == 2
