"""An administrator's list of addresses held back, and letting one go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from portal.domain.ids import make_sortable_id
from portal.engine.services import Services
from portal.local.people import ADMIN
from portal.workflows.mail.mail_jobs import record_feedback
from tests.actions import make_person, share_files, upload_file
from tests.browser.axe import assert_accessible
from tests.builders import Running
from tests.integration.conftest import services
from tests.integration.test_change_races import running

__all__ = ["running", "services"]  # fixtures


@pytest.fixture
def held(running: Running, services: Services) -> str:
    """A new address whose email has come back."""
    address = f"{make_sortable_id(datetime.now(UTC))}@partner.example".casefold()
    ana = make_person("Ana Lopes")
    made = share_files(running, ana, [upload_file(running, ana)], recipients_text=address)
    found = services.shares.get_with_recipients(made.about)
    assert found is not None
    told = partial(record_feedback, services, "bounce", found[1][0].mail.message_id, datetime.now(UTC))
    told("smtp; 550 5.1.1 user unknown")
    return address


@pytest.mark.requirement("R55")
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_an_address_is_released(
    signed_in: Callable[..., Page], held: str, services: Services, width: int, scheme: str
) -> None:
    """Seen on a phone and a desk, in both themes; axe finds nothing and nothing scrolls sideways."""
    page = signed_in(ADMIN, "/admin/emails", viewport={"width": width, "height": 900}, color_scheme=scheme)
    listed = page.get_by_role("region", name="Suppressed addresses")
    row = listed.get_by_role("row").filter(has_text=held)
    expect(row).to_contain_text("550 5.1.1 user unknown")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    row.get_by_role("button", name=f"Release {held}").click()
    expect(page.get_by_text(f"Emails go to {held} again.")).to_be_visible()
    assert services.suppression_list.get(held) is None
