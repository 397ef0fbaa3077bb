"""Roles out of groups: what each may do, at every workflow, on every route and behind every button."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.config.parsing import ConfigurationError
from portal.config.settings import Config
from portal.domain.people.permissions import Privilege, list_privileges
from portal.domain.people.person import Role
from portal.web.edge.audience import find_needed
from tests.actions import upload_file
from tests.builders import Running, make_environment
from tests.rules.test_workflow_lists import every_workflow
from tests.web.browser import Browser
from tests.web.identity.test_access import routes
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.requirement("R12")

UPLOAD, SHARE, DELETE = Privilege.UPLOAD, Privilege.SHARE, Privilege.DELETE
# What a person needs for each workflow; what is missing here must be listed in FREE.
NEEDED = {
    "reserve": UPLOAD, "sign_parts": UPLOAD, "sign_form": UPLOAD, "rename": UPLOAD, "keep": UPLOAD,
    "copy": UPLOAD, "trash": DELETE, "restore": DELETE, "purge": DELETE, "close_account": DELETE,
    "share": SHARE, "change_share": SHARE, "add_recipients": SHARE, "correct_address": SHARE,
    "send_again": SHARE,
    "resend_failed": SHARE, "give_more": SHARE, "decline_more": SHARE, "save_draft": SHARE,
    "send_when_ready": SHARE,
    "make_group": SHARE, "change_group": SHARE, "delete_group": SHARE, "hand_over": Privilege.ADMINISTER,
    "change_organisation_group": SHARE,
    "give_back": SHARE, "export_audit": Privilege.READ_AUDIT, "fetch_export": Privilege.READ_AUDIT,
    **dict.fromkeys(
        ("disable_person", "enable_person", "sign_out_person", "change_roles", "invite_again",
         "reset_password", "reset_second_factor", "set_quota", "delete_person", "invite_person",
         "rescan", "ask_release", "confirm_release", "decline_release", "delete_quarantined",
         "set_hold", "release_hold", "make_organisation_group", "delete_organisation_group",
         "take_out_address", "make_service_account", "make_service_token", "revoke_service_token",
         "start_report", "cancel_report", "fetch_report"),
        Privilege.ADMINISTER,
    ),
}  # fmt: skip
FREE = {
    "complete": "what was announced while one could", "cancel_upload": "leaves less than there was",
    "withdraw": "gives out less", "withdraw_recipient": "gives out less",
    "throw_away_draft": "leaves less than there was", "stop_sending": "gives out nothing",
    "return_draft": "nobody asks for it",
    "own_download": "reading", "own_preview": "reading", "sign_out_everywhere": "one's own safety",
    "switch_mails": "one's own emails", "unsubscribe": "one's own emails",
    "forget_addresses": "one's own list",
    "open_link": "the link is the proof", "download": "the link is the proof",
    "ask_for_more": "the link is the proof", "send_code": "the link is the proof",
    "confirm_address": "the link is the proof", "enter_password": "the link is the proof",
    **dict.fromkeys(
        ("make_webhook", "change_webhook", "delete_webhook", "rotate_webhook", "test_webhook",
         "send_webhook_again"),
        "one's own; for the organisation's it asks for an administrator itself",
    ),
    "make_token": "its scopes are among what one may do", "revoke_token": "one's own safety",
    "end_session": "one's own safety", "add_second_factor": "one's own safety",
    "export_data": "one's own data", "fetch_data": "one's own data",
    "change_policy": "asks for an administrator itself",
    "restore_policy": "asks for an administrator itself",
    "release_address": "asks for an administrator itself",
}  # fmt: skip
PLACES = {
    "upload": UPLOAD,
    "new_share": SHARE,
    "send": SHARE,
    "drafts": SHARE,
    "groups": SHARE,
    "organisation_groups": SHARE,
}
# Where a button leads that nobody may press without a privilege.
BUTTONS = {
    "/upload": UPLOAD, "/rename": UPLOAD, "/keep": UPLOAD, "/copy": UPLOAD,
    "/files/trash": DELETE, "/files/restore": DELETE, "/files/purge": DELETE, "/account/delete": DELETE,
    "/shares/new": SHARE, "/files/share": SHARE, "/groups": SHARE, "/account/emails/again": SHARE,
    "/admin": Privilege.ADMINISTER,
}  # fmt: skip
EVERYDAY = {UPLOAD, SHARE, DELETE, Privilege.REQUEST}
GROUPS = {
    "": EVERYDAY, "portal-upload": {UPLOAD}, "portal-share": {SHARE}, "portal-delete": {DELETE},
    "portal-request": {Privilege.REQUEST}, "portal-read-only": set(),
    "portal-audit": {*EVERYDAY, Privilege.READ_AUDIT},
    "admins": set(Privilege),
}  # fmt: skip


def test_every_workflow_says_what_it_needs() -> None:
    needed = {name: workflow.needs for name, workflow in every_workflow().items()}
    assert {name: privilege for name, privilege in needed.items() if privilege} == NEEDED
    assert {name for name, privilege in needed.items() if not privilege} == set(FREE)


@pytest.mark.parametrize("group", GROUPS)
def test_each_role_comes_to_its_places_and_sees_its_buttons(
    portal: Running, browser: Browser, group: str
) -> None:
    """On every route, and behind every link and form of the pages that everyone may open."""
    me, held = sign_in(browser, "Ana Lopes", *filter(None, [group])), GROUPS[group]
    file = upload_file(portal, me)
    with portal.app.app_context():
        needed = {endpoint: find_needed(endpoint) for endpoint, _, _ in routes(portal)}
    assert PLACES.items() <= {each.partition(".")[0]: privilege for each, privilege in needed.items()}.items()
    for endpoint, method, address in routes(portal):
        lacks = needed[endpoint] is not None and needed[endpoint] not in held
        if method == "GET" and not address.startswith(("/probe", "/static")):
            status = browser.ask("GET", address).status
            assert (status == 403) == lacks, f"{address}: {status}"
    for path in ("/files", "/files?trash=1", f"/files/{file.id}", "/shares", "/account", "/shared-with-me"):
        page = browser.get(path)
        buttons = [each.attributes for each in page.document.all("a", "form", "button")]
        led_to = {str(each.get("href") or each.get("action") or each.get("formaction")) for each in buttons}
        for beginning, privilege in BUTTONS.items():
            shown = [each for each in led_to if f"{each.partition('?')[0]}/".endswith(f"{beginning}/")]
            assert privilege in held or not shown, f"{path} shows {shown}"


def test_what_a_workflow_needs_is_asked_of_pages_and_programs(
    portal: Running, new_browser: Callable[[], Browser]
) -> None:
    """By a form that was open before, and by JSON; the record says which step refused."""
    browser = new_browser()
    me = sign_in(browser, "Ana Lopes")
    file = upload_file(portal, me)
    browser.get(f"/files/{file.id}")
    secret = browser.page.fields(f"/files/{file.id}/rename")["csrf_token"] if browser.page else ""
    assert browser.provider is not None
    browser.provider.account.claims["cognito:groups"] = ["portal-read-only"]
    portal.clock.turn(minutes=16)  # the groups are read again
    headers = {"X-CSRFToken": secret}
    for path, more in {
        f"/files/{file.id}/rename": {"name": "b.pdf"}, "/files/trash": {"file": file.id}, "/groups/new": {},
        "/account/delete": {"confirmation": me.address},
    }.items():  # fmt: skip
        browser.ask("POST", path, 403, data={"csrf_token": secret, **more})
    asked = {"files": [{"name": "a.pdf", "size": 3}]}
    answer = browser.ask("POST", "/v1/uploads", 403, json=asked, headers=headers)
    assert "may not upload" in answer.answer.text
    assert "view and download files" in browser.get("/account").text


@pytest.mark.parametrize("text", ["upload", "owner=x", "upload=", "upload=a b", "upload=x,share=x"])
def test_role_groups_that_cannot_be_read_stop_the_start(text: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTAL_ROLE_GROUPS"):
        Config.from_env(make_environment(PORTAL_ROLE_GROUPS=text))


def test_role_groups_may_have_other_names() -> None:
    config = Config.from_env(make_environment(PORTAL_ROLE_GROUPS="upload=senders, audit_reader = auditors"))
    named = [config.role_groups[role] for role in (Role.UPLOADER, Role.AUDITOR, Role.SHARER)]
    assert named == ["senders", "auditors", "portal-share"]


def test_roles_add_up_but_read_only_takes_away() -> None:
    assert list_privileges({Role.STAFF, Role.READER, Role.UPLOADER, Role.AUDITOR}) == {Privilege.READ_AUDIT}
    assert list_privileges({Role.STAFF, Role.UPLOADER, Role.SHARER}) == {UPLOAD, SHARE}
    assert list_privileges({Role.ADMIN, Role.READER}) == set(Privilege)
