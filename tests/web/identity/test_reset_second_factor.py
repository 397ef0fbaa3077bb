"""A second factor that an administrator has reset counts no more, whatever was known of it a moment ago."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import pytest

from portal.engine import rights
from tests.actions import set_policy
from tests.builders import Clock, Running
from tests.web.browser import Browser
from tests.web.pages.admin.pool import Pool, give_own_tokens, make_pool
from tests.web.pages.staff.test_second_factor import PAGE, begin, make_code, read_secret
from tests.web.provider import Provider


@pytest.fixture
def pool(aws: None, clock: Clock, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Pool:
    made = make_pool(clock, provider)
    give_own_tokens(made, monkeypatch)
    return made


@pytest.fixture
def portal(pool: Pool) -> Running:
    return pool.portal


@pytest.mark.parametrize("was_asked", [False, True], ids=["not asked", "asked a moment ago"])
def test_a_factor_that_was_reset_lets_nobody_in(
    pool: Pool, browser: Browser, new_browser: Callable[[], Browser], was_asked: bool
) -> None:
    """Known in this process from a token or a draft: whoever has only the password is led to add one."""
    account = pool.add("Ana Lopes")
    me = pool.sign_in(browser, account)
    browser.submit(PAGE, code=make_code(read_secret(begin(browser))))
    services = pool.portal.portal.services
    has_one = patch.object(type(services.directory), "has_second_factor", return_value=True)
    with has_one:
        set_policy(pool.portal, second_factor_required="yes")
    pool.portal.clock.turn(seconds=61)
    if was_asked:
        assert rights.find_trusted(me.id, pool.portal.clock(), services, None)
    admin = new_browser()
    pool.sign_in(admin, pool.add("Ada Minh", "admins"))
    with has_one:
        admin.get(f"/admin/people/{me.id}")
        admin.submit(f"/admin/people/{me.id}/reset-second-factor")
    other = new_browser()
    pool.sign_in(other, account)
    assert other.ask("GET", "/files").location.endswith(PAGE)
