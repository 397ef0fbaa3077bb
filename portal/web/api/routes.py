"""Every route of the API for programs, in one list: method, path, what answers it, and the scope that a token
needs, and what its owner must be allowed at all.

What answers is imported when it is first asked for: the library that reads and describes JSON is for no
page, nor for a cold start of the links that partners open (Flask's documentation, "Lazily Loading Views").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from portal.domain.people.permissions import Privilege
from portal.domain.people.person import Scope
from portal.web.edge.audience import Audience, Place

READ, UPLOAD, SHARE, DELETE = Scope.READ, Scope.UPLOAD, Scope.SHARE, Scope.DELETE
ADMIN = Scope.ADMIN


class Route(NamedTuple):
    """view: a module of this folder and a function in it. served_by: the endpoint of a place of its own that
    answers instead, where pages' scripts call it too.
    """

    method: str
    path: str
    view: str
    scope: Scope
    needs: Privilege | None = None
    served_by: str = ""

    @property
    def endpoint(self) -> str:
        return self.view.replace(".", "_")

    def load(self) -> Callable[..., Any]:
        module, _, function = self.view.partition(".")
        found: Callable[..., Any] = getattr(import_module(f"portal.web.api.{module}"), function)
        return found


FILE, USERS = "/v1/files/<file_id>", "/v1/users/<user_id>/files"
SHARED = "/v1/shares/<share_id>"
RECIPIENT = f"{SHARED}/recipients/<recipient_id>"
PEOPLE, PERSON = "/v1/admin/people", "/v1/admin/people/<person_id>"
ACCOUNTS = "/v1/admin/service-accounts"
ADMINISTER, READ_AUDIT = Privilege.ADMINISTER, Privilege.READ_AUDIT
WEBHOOK = "/v1/webhooks/<webhook_id>"
DELIVERIES = f"{WEBHOOK}/deliveries"
EVERYONES = "/v1/admin/webhooks/<webhook_id>"  # of the organisation
SENT = f"{EVERYONES}/deliveries"
ROUTES = (
    Route("GET", "/v1/openapi.json", "document.show", READ),
    Route("GET", "/v1/postman.json", "postman.show", READ),
    Route("GET", "/v1/me", "me.show", READ),
    Route("GET", "/v1/tokens", "tokens.list_own", READ),
    Route("DELETE", "/v1/tokens/current", "tokens.revoke_current", READ),
    Route("DELETE", "/v1/tokens/<token_id>", "tokens.revoke", DELETE),
    Route("GET", "/v1/files", "files.list_own", READ),
    Route("GET", FILE, "files.show", READ),
    Route("PATCH", FILE, "files.change", UPLOAD),
    Route("DELETE", FILE, "files.trash", DELETE),
    Route("POST", f"{FILE}/restore", "files.restore", DELETE),
    Route("POST", f"{FILE}/download", "files.download", READ),
    Route("GET", f"{FILE}/versions", "files.list_versions", READ),
    Route("GET", "/v1/shares", "shares.list_own", READ),
    Route("POST", "/v1/shares", "shares.create", SHARE),
    Route("GET", SHARED, "shares.show", READ),
    Route("PATCH", SHARED, "shares.change", SHARE),
    Route("DELETE", SHARED, "shares.withdraw", SHARE),
    Route("POST", f"{SHARED}/recipients", "share_recipients.add", SHARE),
    Route("DELETE", RECIPIENT, "share_recipients.withdraw", SHARE),
    Route("POST", f"{RECIPIENT}/correct", "share_recipients.correct", SHARE),
    Route("POST", f"{RECIPIENT}/mail", "share_recipients.send_again", SHARE),
    Route("POST", f"{RECIPIENT}/approve", "share_recipients.approve", SHARE),
    Route("POST", f"{RECIPIENT}/decline", "share_recipients.decline", SHARE),
    Route("POST", f"{SHARED}/remind", "share_recipients.remind", SHARE),
    Route("GET", "/v1/groups", "groups.list_own", READ),
    Route("POST", "/v1/groups", "groups.create", SHARE),
    Route("GET", "/v1/groups/<group_id>", "groups.show", READ),
    Route("PUT", "/v1/groups/<group_id>", "groups.change", SHARE),
    Route("DELETE", "/v1/groups/<group_id>", "groups.delete", SHARE),
    Route("GET", "/v1/webhooks", "webhooks.list_own", READ),
    Route("POST", "/v1/webhooks", "webhooks.create", SHARE),
    Route("GET", WEBHOOK, "webhooks.show", READ),
    Route("PATCH", WEBHOOK, "webhooks.change", SHARE),
    Route("DELETE", WEBHOOK, "webhooks.delete", SHARE),
    Route("POST", f"{WEBHOOK}/secret", "webhooks.rotate", SHARE),
    Route("POST", f"{WEBHOOK}/test", "webhooks.test", SHARE),
    Route("GET", DELIVERIES, "webhooks.list_deliveries", READ),
    Route("GET", f"{DELIVERIES}/<delivery_id>", "webhooks.show_delivery", READ),
    Route("POST", f"{DELIVERIES}/<delivery_id>/resend", "webhooks.send_again", SHARE),
    Route("GET", "/v1/shared-files", "received.list_received_files", READ),
    Route("GET", "/v1/downloads", "received.download", READ),
    Route("GET", USERS, "users.list_files", READ),
    Route("POST", USERS, "users.upload", UPLOAD),
    Route("GET", f"{USERS}/<file_id>", "users.show_file", READ),
    Route("PATCH", f"{USERS}/<file_id>", "users.change_file", UPLOAD),
    Route("DELETE", f"{USERS}/<file_id>", "users.delete_file", DELETE),
    Route("POST", f"{USERS}/<file_id>/share", "users.share_file", SHARE),
    Route("DELETE", f"{USERS}/<file_id>/recipients", "users.remove_recipients", SHARE),
    Route("GET", "/v1/admin/usage", "admin_usage.show", ADMIN, ADMINISTER),
    Route("GET", "/v1/admin/audit", "admin_audit.search", ADMIN, READ_AUDIT),
    Route("GET", "/v1/admin/audit/<record_id>", "admin_audit.show", ADMIN, READ_AUDIT),
    Route("GET", PEOPLE, "admin_people.list_everyone", ADMIN, ADMINISTER),
    Route("POST", PEOPLE, "admin_people.invite", ADMIN, ADMINISTER),
    Route("GET", PERSON, "admin_people.show", ADMIN, ADMINISTER),
    Route("DELETE", PERSON, "admin_people.delete", ADMIN, ADMINISTER),
    Route("PUT", f"{PERSON}/roles", "admin_people.change_roles", ADMIN, ADMINISTER),
    Route("PUT", f"{PERSON}/quota", "admin_people.set_quota", ADMIN, ADMINISTER),
    Route("POST", f"{PERSON}/disable", "admin_people.disable", ADMIN, ADMINISTER),
    Route("POST", f"{PERSON}/enable", "admin_people.enable", ADMIN, ADMINISTER),
    Route("POST", f"{PERSON}/sign-out", "admin_people.sign_out", ADMIN, ADMINISTER),
    Route("POST", f"{PERSON}/invite-again", "admin_people.invite_again", ADMIN, ADMINISTER),
    Route("POST", f"{PERSON}/reset-password", "admin_people.reset_password", ADMIN, ADMINISTER),
    Route("POST", f"{PERSON}/reset-second-factor", "admin_people.reset_second_factor", ADMIN, ADMINISTER),
    Route("GET", "/v1/admin/webhooks", "admin_webhooks.list_own", ADMIN, ADMINISTER),
    Route("POST", "/v1/admin/webhooks", "admin_webhooks.create", ADMIN, ADMINISTER),
    Route("GET", EVERYONES, "admin_webhooks.show", ADMIN, ADMINISTER),
    Route("PATCH", EVERYONES, "admin_webhooks.change", ADMIN, ADMINISTER),
    Route("DELETE", EVERYONES, "admin_webhooks.delete", ADMIN, ADMINISTER),
    Route("POST", f"{EVERYONES}/secret", "admin_webhooks.rotate", ADMIN, ADMINISTER),
    Route("POST", f"{EVERYONES}/test", "admin_webhooks.test", ADMIN, ADMINISTER),
    Route("GET", SENT, "admin_webhooks.list_deliveries", ADMIN, ADMINISTER),
    Route("GET", f"{SENT}/<delivery_id>", "admin_webhooks.show_delivery", ADMIN, ADMINISTER),
    Route("POST", f"{SENT}/<delivery_id>/resend", "admin_webhooks.send_again", ADMIN, ADMINISTER),
    Route("GET", ACCOUNTS, "admin_services.list_all", ADMIN, ADMINISTER),
    Route("POST", ACCOUNTS, "admin_services.make", ADMIN, ADMINISTER),
    Route("GET", f"{ACCOUNTS}/<person_id>/tokens", "admin_services.list_tokens", ADMIN, ADMINISTER),
    Route("POST", f"{ACCOUNTS}/<person_id>/tokens", "admin_services.make_token", ADMIN, ADMINISTER),
    Route(
        "DELETE",
        f"{ACCOUNTS}/<person_id>/tokens/<token_id>",
        "admin_services.revoke_token",
        ADMIN,
        ADMINISTER,
    ),
    Route("GET", "/v1/admin/policies", "admin_policies.show", ADMIN, ADMINISTER),
    Route("PUT", "/v1/admin/policies", "admin_policies.change", ADMIN, ADMINISTER),
    Route("GET", "/v1/admin/policies/versions", "admin_policies.list_versions", ADMIN, ADMINISTER),
    Route("POST", "/v1/admin/policies/restore", "admin_policies.restore", ADMIN, ADMINISTER),
)

UPLOADS, UPLOADED = "/v1/uploads", "/v1/uploads/<file_id>"
# What pages' scripts call as well. These read JSON without the library, which takes its time to be imported.
SHARED_ROUTES = (
    Route("POST", UPLOADS, "uploads.reserve", UPLOAD, served_by="uploads.reserve"),
    Route("GET", UPLOADS, "uploads.under_way", UPLOAD, served_by="uploads.under_way"),
    Route("GET", UPLOADED, "uploads.show", UPLOAD, served_by="parts.show"),
    Route("POST", f"{UPLOADED}/parts", "uploads.sign", UPLOAD, served_by="parts.sign"),
    Route("POST", f"{UPLOADED}/form", "uploads.form", UPLOAD, served_by="parts.form"),
    Route("POST", f"{UPLOADED}/complete", "uploads.complete", UPLOAD, served_by="uploads.complete"),
    Route("POST", f"{UPLOADS}/complete", "uploads.complete_several", UPLOAD,
          served_by="uploads.complete_several"),
    Route("DELETE", UPLOADED, "uploads.cancel", UPLOAD, served_by="uploads.cancel"),
    Route("GET", "/v1/usage", "usage.show", READ, served_by="usage.show"),
    Route("GET", "/v1/recipients", "recipients.suggest", READ, served_by="recipients.suggest"),
)  # fmt: skip

blueprint = Place("v1", __name__, Audience.PROGRAM)


def make_view(route: Route) -> Callable[..., Any]:
    def view(**named: str) -> Any:
        return route.load()(**named)

    view.scope = route.scope  # type: ignore[attr-defined]
    view.needs = route.needs  # type: ignore[attr-defined]
    return view


def serve(place: Place, views: Mapping[str, Any]) -> None:
    """Put the views of a place where the list says, for tokens of the scope that it says."""
    for route in SHARED_ROUTES:
        name, _, function = route.served_by.partition(".")
        if name == place.name:
            views[function].scope = route.scope
            place.add_url_rule(route.path, function, views[function], methods=[route.method])


for each in ROUTES:
    blueprint.add_url_rule(each.path, each.endpoint, make_view(each), methods=[each.method])
