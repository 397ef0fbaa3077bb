"""An administrator's list of addresses held back, and letting one go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from portal.domain.ids import sortable_id
from portal.local.people import ADMIN
from portal.workflows.mail import feedback
from portal.workflows.services import Services
from tests.browser.axe import assert_accessible
from tests.builders import Running
from tests.doing import shared, somebody, uploaded
from tests.integration.conftest import services
from tests.integration.test_change_races import running

__all__ = ["running", "services"]  # fixtures


@pytest.fixture
def held(running: Running, services: Services) -> str:
    """A new address whose mail has come back."""
    address = f"{sortable_id(datetime.now(UTC))}@partner.example".casefold()
    ana = somebody("Ana Lopes")
    made = shared(running, ana, [uploaded(running, ana)], recipients_text=address)
    found = services.shares.with_recipients(made.about)
    assert found is not None
    told = partial(feedback, services, "bounce", found[1][0].mail.message_id, datetime.now(UTC))
    told("smtp; 550 5.1.1 user unknown")
    return address


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_an_address_is_released(
    signed_in: Callable[..., Page], held: str, services: Services, width: int, scheme: str
) -> None:
    """R55: seen on a phone and a desk, in both themes; axe finds nothing and nothing scrolls sideways."""
    page = signed_in(ADMIN, "/admin", viewport={"width": width, "height": 900}, color_scheme=scheme)
    listed = page.get_by_role("region", name="Addresses held back")
    row = listed.get_by_role("row").filter(has_text=held)
    expect(row).to_contain_text("550 5.1.1 user unknown")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    row.get_by_role("button", name=f"Release {held}").click()
    expect(page.get_by_text(f"Mail goes to {held} again.")).to_be_visible()
    assert services.suppressed.of(held) is None
