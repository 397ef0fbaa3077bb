"""There is always an administrator, whatever two of them do at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Barrier, Thread

import pytest

from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.errors import Refusal
from portal.domain.people.administrators import LastAdministrator, leave_administrators
from portal.domain.people.person import Person, Role
from portal.engine.workflow import Context, Workflow, run
from portal.workflows.people.account import CLOSE_ACCOUNT, CloseAccount
from portal.workflows.people.managing import DISABLE, ENABLE, ManagePerson
from tests.actions import make_person, make_request
from tests.builders import Clock, Running, make_running

ADA, CLARA = make_person("Ada Minh", admin=True), make_person("Clara Diaz", admin=True)


@pytest.fixture
def portal(table_in_memory: None, clock: Clock) -> Running:
    running = make_running(clock)
    for person in (ADA, CLARA):
        visit(running, person)
    return running


def visit(running: Running, person: Person) -> None:
    record = AuditRecord(running.clock(), Action.SIGNED_IN, Actor("person", person.id), person.id)
    running.portal.services.people.record_visit(person, running.clock(), record)


def administrators(running: Running) -> frozenset[str]:
    return running.portal.services.people_administration.list_administrators()


def close(running: Running, me: Person) -> tuple[Workflow[CloseAccount], CloseAccount]:
    return CLOSE_ACCOUNT, CloseAccount(make_request(me, running), confirmation=me.address)


def disable(running: Running, me: Person, whom: Person) -> tuple[Workflow[ManagePerson], ManagePerson]:
    return DISABLE, ManagePerson(make_request(me, running), who=whom.id)


BOTH: dict[str, Callable[[Running], list[tuple[Workflow, Context]]]] = {  # type: ignore[type-arg]
    "both close their account": lambda portal: [close(portal, ADA), close(portal, CLARA)],
    "each disables the other": lambda portal: [disable(portal, ADA, CLARA), disable(portal, CLARA, ADA)],
    "one goes, whom the other disables": lambda portal: [close(portal, ADA), disable(portal, ADA, CLARA)],
}


@pytest.mark.parametrize("what", BOTH)
def test_two_at_once_leave_one(portal: Running, what: str) -> None:
    """Each has read the administrators before the other writes."""
    acts, refusals, barrier = BOTH[what](portal), list[Refusal](), Barrier(2)
    administration = portal.portal.services.people_administration

    class Together:
        """Lets nobody write before both have read."""

        def __getattr__(self, name: str) -> object:
            return getattr(administration, name)

        def list_administrators(self) -> frozenset[str]:
            found = administration.list_administrators()
            barrier.wait(5)
            return found

    services = replace(portal.portal.services, people_administration=Together())  # type: ignore[arg-type]

    def act(workflow: Workflow[Context], context: Context) -> None:
        try:
            run(workflow, context, services)
        except Refusal as refusal:
            refusals.append(refusal)

    threads = [Thread(target=act, args=each) for each in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refusals) == 1
    assert len(administrators(portal)) == 1


def test_whoever_stops_being_one_is_not_counted(portal: Running) -> None:
    """By the next sign-in, and by reading the groups again; enabled again, one counts again."""
    visit(portal, replace(CLARA, roles=frozenset({Role.STAFF})))
    assert administrators(portal) == {ADA.id}
    with pytest.raises(LastAdministrator):
        run(*close(portal, ADA), portal.portal.services)
    portal.portal.services.people.keep_roles(CLARA)
    run(*disable(portal, ADA, CLARA), portal.portal.services)
    assert administrators(portal) == {ADA.id}
    run(ENABLE, ManagePerson(make_request(ADA, portal), who=CLARA.id), portal.portal.services)
    assert administrators(portal) == {ADA.id, CLARA.id}


def test_who_acts_is_an_administrator_even_where_nobody_is_known() -> None:
    assert leave_administrators(frozenset(), "clara", "ada") == (frozenset(), frozenset({"ada"}))
    with pytest.raises(LastAdministrator):
        leave_administrators(frozenset(), "ada", "ada")
