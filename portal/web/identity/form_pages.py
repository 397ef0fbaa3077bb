"""Which page a form is on: where a reader is led back to from what answers it.

A page that answers a form cannot be reloaded or come back to: it is not stored, and browsers ask whether to
send the form again, or show an error. So the history keeps the form's page in its place (main.js).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request, url_for

from portal.web.edge.audience import Audience, request_audience
from portal.web.identity.return_path import prefix_path, return_path

# The page with each form that someone types or ticks something in. What is not here has buttons alone.
FORM_PAGES = {
    "new_share.go_on": "new_share.new",
    "send.plain": "send.new",
    "share_changes.change": "share_changes.edit",
    "share_changes.add": "share_changes.more_recipients",
    "share_changes.correct": "share_changes.wrong_address",
    "groups.make": "groups.new",
    "groups.change": "groups.show",
    "organisation_groups.change": "organisation_groups.show",
    "admin_groups.make": "admin_groups.new",
    "files.rename": "files.show",
    "files.keep": "files.show",
    "files.share": "files.index",
    "files.trash": "files.index",
    "files.restore": "files.index",
    "files.purge": "files.index",
    "upload.name": "upload.choose",
    "admin_policies.change": "admin_policies.index",
    "account.delete": "account.index",
    "account.mails": "account.index",
    "access_tokens.make": "access_tokens.index",
    "webhooks.make": "webhooks.index",
    "webhooks.change": "webhooks.show",
    "admin_webhooks.make": "admin_webhooks.index",
    "admin_webhooks.change": "admin_webhooks.show",
    "admin_reports.start": "admin_reports.index",
    "admin_reports.query": "admin_reports.new_query",
    "service_accounts.make": "service_accounts.index",
    "service_accounts.make_token": "service_accounts.tokens",
    "admin_invitations.invite": "admin_invitations.new",
    "admin_invitations.invite_many": "admin_invitations.new",
}


def form_page() -> str:
    """The page of ours that the form of this request is on, with its query where the browser names it."""
    referer = urlsplit(request.headers.get("Referer", ""))
    path = referer.path.removeprefix(request.script_root)
    came_from = return_path(f"{path}?{referer.query}" if referer.query else path)
    page = FORM_PAGES.get(request.endpoint or "")
    if page is None:
        return came_from
    own = own_path(page)
    return came_from if came_from.partition("?")[0] == own else own


def own_path(page: str) -> str:
    """The path of a page about the same thing as this request's."""
    return url_for(page, **(request.view_args or {})).partition("?")[0].removeprefix(request.script_root)


def page_for_history() -> str:
    """The address that the history keeps for the page being made; empty where it answers no form."""
    if request.method != "POST":
        return ""
    if request.url_rule and request.endpoint not in FORM_PAGES and has_page(request.url_rule.rule):
        return prefix_path(request.path)
    if request_audience() is Audience.PARTNER:
        token = (request.view_args or {}).get("token")
        return url_for("partner.card", token=token) if token else ""
    return prefix_path(form_page())


def has_page(rule: str) -> bool:
    """Whether this very address also answers GET, and not only one that it fits, as /files/<file_id>."""
    same = [each for each in current_app.url_map.iter_rules() if each.rule == rule]
    return any("GET" in (each.methods or ()) for each in same)
