"""Who may do what with a share or a file: one table, asked by pages, queries and workflows alike."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from portal.domain.errors import Forbidden, NotFound
from portal.domain.people.permissions import MAY, Permission, may, require, require_keeper
from portal.domain.people.person import Person, Role

pytestmark = pytest.mark.requirement("R11", "R12")

OWNER = Person("owner", "subject", "Ana Lopes", "ana@example.org")
COLLEAGUE = replace(OWNER, id="colleague")
ADMIN = replace(OWNER, id="admin", roles=frozenset({Role.STAFF, Role.ADMIN}))
OWNING_ADMIN = replace(ADMIN, id="owner")
PORTAL = sorted((Path(__file__).parents[3] / "portal").rglob("*.py"))

# permission: who of owner, colleague, admin, an admin who is the owner
TABLE = {
    Permission.OWN: (True, False, False, True),
    Permission.SEE: (True, False, True, True),
    Permission.CHANGE: (True, False, True, True),
    Permission.WITHDRAW: (True, False, True, True),
    Permission.MAIL: (True, False, False, True),
    Permission.SEE_FILE: (True, False, True, True),
    Permission.KEEP_FILE: (True, False, True, True),
    Permission.USE_FILE: (True, False, False, True),
    Permission.CHANGE_GROUP: (False, False, True, True),
}


@pytest.mark.parametrize("permission", Permission)
def test_owners_and_administrators_may_what_the_table_says(permission: Permission) -> None:
    for person, allowed in zip((OWNER, COLLEAGUE, ADMIN, OWNING_ADMIN), TABLE[permission], strict=True):
        assert may(person, permission, "owner") is allowed, person.id
        if allowed:
            require(person, permission, "owner")
        else:
            with pytest.raises(NotFound):
                require(person, permission, "owner")


def test_keepers_change_their_group_and_nothing_else() -> None:
    """As long as they may share at all; a group without keepers is the administrators'."""
    reader = replace(COLLEAGUE, roles=frozenset({Role.STAFF, Role.READER}))
    for person, keepers, allowed in (
        (COLLEAGUE, ("colleague", "x"), True), (COLLEAGUE, (), False), (OWNER, ("colleague",), False),
        (reader, ("colleague",), False), (replace(OWNER, id=""), ("",), False), (ADMIN, (), True),
    ):  # fmt: skip
        assert may(person, Permission.CHANGE_GROUP, "owner", keepers) is allowed
        assert not may(replace(person, roles=COLLEAGUE.roles), Permission.CHANGE, "other", keepers)
        if allowed:
            require_keeper(person, keepers)
        else:
            with pytest.raises(Forbidden):
                require_keeper(person, keepers)


def test_nobody_owns_what_has_no_owner() -> None:
    nameless = replace(OWNER, id="")
    assert not [each for each in MAY if may(nameless, each)]


@pytest.mark.parametrize("path", PORTAL, ids=lambda path: "/".join(path.parts[-3:]))
def test_nobody_else_compares_owners(path: Path) -> None:
    """Ownership was asked for in nine ways before; what may be done is a question for the table."""
    if path.name == "permissions.py":
        return
    compared = [
        ast.unparse(node) for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare) and "owner_id" in ast.unparse(node)
    ]  # fmt: skip
    assert not [each for each in compared if ".me.id" in each or "person.id" in each], "use permissions.may"
