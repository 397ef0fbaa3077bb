"""Pictures of the organisation's groups: as administrators, keepers and everyone who may share see them."""

from __future__ import annotations

from playwright.sync_api import Page

from portal.local.people import ADMIN, COLLEAGUE, STAFF
from tools.stage import Scene


def make_group(page: Page, addresses: list[str]) -> str:
    """The path of it."""
    page.goto("/admin/groups/new")
    page.get_by_label("Name").fill("Auditors of the annual accounts")
    page.get_by_label("Addresses").fill("\n".join(addresses))
    page.get_by_label("Keepers").fill(STAFF.email)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("is saved").wait_for()
    return page.get_by_role("link", name="Auditors").get_attribute("href") or ""


def open_groups(page: Page) -> None:
    page.get_by_text("Add a group").click()


GROUP_SCENES = (
    Scene("group-organisations", STAFF, "/groups/organisation", in_readme=False),
    Scene("group-keeper", STAFF, "organisation group", in_readme=False),
    Scene("group-reader", COLLEAGUE, "organisation group", in_readme=False),
    Scene("group-share", STAFF, "new share", open_groups, in_readme=False),
    Scene("admin-groups", ADMIN, "/admin/groups", in_readme=False),
    Scene("admin-groups-new", ADMIN, "/admin/groups/new", in_readme=False),
    Scene("admin-groups-one", ADMIN, "organisation group", in_readme=False),
)
