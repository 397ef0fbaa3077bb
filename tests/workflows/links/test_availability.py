"""What a recipient can still get is one answer, wherever it is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.domain.errors import Conflict, Refusal
from portal.domain.files.file import File
from portal.domain.links.availability import Closed
from portal.engine.workflow import Request, Workflow, run
from portal.queries.received import list_received
from portal.queries.shares import get_share, list_shares
from portal.workflows.files import owned_files
from portal.workflows.files.scan_results import close_infected
from portal.workflows.links import link_access
from portal.workflows.mail import reminders
from portal.workflows.shares import access_requests, recipients
from portal.workflows.shares.adding import ADD_RECIPIENTS
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    VISITOR,
    ask_for_more,
    download_file,
    link_token,
    list_mails,
    make_person,
    make_request,
    share_files,
    upload_file,
    visit_link,
)
from tests.builders import Running
from tests.workflows.shares.test_change import change_share

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
pytestmark = pytest.mark.requirement("R72")
Closing = Callable[[Running, File], object]


def do(workflow: Workflow[owned_files.ChangeFile], portal: Running, file: File) -> None:
    run(workflow, owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id), portal.portal.services)


def trash(portal: Running, file: File) -> None:
    do(owned_files.TRASH, portal, file)


def purge(portal: Running, file: File) -> None:
    do(owned_files.TRASH, portal, file)
    do(owned_files.PURGE, portal, file)


def infect(portal: Running, file: File) -> None:
    assert close_infected(file.key, file.version_id, ["EICAR"], portal.portal.services)


CLOSING: dict[str, tuple[Closing, Closed]] = {
    "trashed": (trash, Closed.REMOVED),
    "purged": (purge, Closed.REMOVED),
    "infected": (infect, Closed.INFECTED),
}
every_way = pytest.mark.parametrize("way", CLOSING)


def share_with_ben(portal: Running, *named: File, **asked: object) -> ShareFiles:
    return share_files(portal, ANA, list(named), recipients_text=BEN.address, **asked)


def answers(portal: Running, made: ShareFiles) -> dict[str, object]:
    """What each place says of a share."""
    services = portal.portal.services
    view = get_share(ANA, made.about, services)
    [in_list] = [each for each in list_shares(ANA, services).items if each.share.id == made.about]
    [for_ben] = [each for each in list_received(BEN, services).page.items if each.share.id == made.about]
    try:
        link: object = visit_link(portal, link_token(portal, made)).required_offer.closed
    except Refusal as refusal:
        link = refusal.reason
    return {"page": view.offer.closed, "list": in_list.closed, "received": for_ben.closed, "link": link}


@every_way
def test_a_share_with_nothing_left_says_so_everywhere(portal: Running, way: str) -> None:
    """And nobody is asked for more of it, added to it or given more."""
    close, why = CLOSING[way]
    file = upload_file(portal, ANA)
    made = share_with_ben(portal, file)
    assert set(answers(portal, made).values()) == {None}
    close(portal, file)
    assert set(answers(portal, made).values()) == {why}
    services = portal.portal.services
    adding = recipients.AddRecipients(
        make_request(ANA, portal), share_id=made.about, recipients_text="more@example.com"
    )
    with pytest.raises(Conflict) as refused:
        run(ADD_RECIPIENTS, adding, services)
    assert refused.value.reason == "file_gone"
    with pytest.raises(link_access.LinkClosed):
        ask_for_more(portal, link_token(portal, made))
    with pytest.raises(Conflict):
        change_share(portal, made, expires_on=(portal.clock() + timedelta(days=60)).date())


@every_way
def test_of_several_files_the_others_stay(portal: Running, way: str) -> None:
    """In the counts too: three downloads of the one that is left."""
    close, why = CLOSING[way]
    file, other = upload_file(portal, ANA, "a.pdf"), upload_file(portal, ANA, "b.pdf")
    made = share_with_ben(portal, file, other, download_limit=3)
    close(portal, file)
    assert set(answers(portal, made).values()) == {None}
    offered = visit_link(portal, link_token(portal, made)).required_offer
    assert [each.closed for each in offered.files] == [why, None]
    assert (offered.open_files, offered.left_in_all) == ([other.pinned], 3)


def test_undo_brings_all_back(portal: Running) -> None:
    file = upload_file(portal, ANA)
    made = share_with_ben(portal, file)
    trash(portal, file)
    do(owned_files.RESTORE, portal, file)
    assert set(answers(portal, made).values()) == {None}
    assert download_file(portal, link_token(portal, made), file)


@every_way
def test_nobody_is_reminded_of_what_is_gone(portal: Running, way: str) -> None:
    """Neither the recipient nor the owner, also where the email was queued before; after undo they are."""
    file, services = upload_file(portal, ANA), portal.portal.services
    made = share_with_ben(portal, file)
    assert made.share is not None
    portal.clock.now = made.share.expires_at - timedelta(days=1)
    CLOSING[way][0](portal, file)
    sent = len(list_mails(portal))
    assert reminders.remind(made.about, services) == 0
    assert len(list_mails(portal)) == sent
    if way == "trashed":
        do(owned_files.RESTORE, portal, file)
        assert reminders.remind(made.about, services) == 2


def test_who_used_up_what_is_left_can_be_given_more(portal: Running) -> None:
    """Of two files one is used up and one removed: one more download is what is missing."""
    file, other = upload_file(portal, ANA, "a.pdf"), upload_file(portal, ANA, "b.pdf")
    made = share_with_ben(portal, file, other, download_limit=1)
    token = link_token(portal, made)
    download_file(portal, token, file)
    trash(portal, other)
    assert answers(portal, made)["link"] == "spent"
    services = portal.portal.services
    run(
        access_requests.ASK_FOR_MORE,
        access_requests.AskForMore(Request(portal.clock(), VISITOR), token=token),
        services,
    )
    giving = access_requests.AnswerRequest(
        make_request(ANA, portal), share_id=made.about, recipient_id=made.recipients[0].id
    )
    run(access_requests.APPROVE_REQUEST, giving, services)
    assert download_file(portal, token, file)
