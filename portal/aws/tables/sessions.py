"""Sessions in the table, each under its person, found by the hash of its secret (R7, R10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from portal.aws.client import read_ahead
from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.group_keys import group_count_key
from portal.aws.client.keys import (
    draft_count_key,
    draft_key,
    enrolment_key,
    file_key,
    kept_form_key,
    known_domains_key,
    mail_count_key,
    profile_key,
    session_key,
    share_key,
    usage_key,
)
from portal.aws.client.piece_keys import spread_key
from portal.aws.client.seen_keys import list_seen_keys
from portal.aws.client.table import Table
from portal.aws.client.writes import Item, Key, delete, put, update
from portal.aws.tables.policies_table import Policies
from portal.domain.contacts.recipient_groups import ORGANISATION
from portal.domain.ids import is_id
from portal.domain.people.beside import NOTHING, Beside
from portal.domain.people.person import Session


class Sessions:
    """Fulfils the session store that `web/sessions.py` describes."""

    def __init__(self, table: Table, policies: Policies) -> None:
        self.table = table
        self.policies = policies

    def get(self, person_id: str, key: str, beside: Mapping[Beside, str] = NOTHING) -> Session | None:
        """One consistent read of the session and of its person, who must be there, neither disabled nor
        closing, and not have ended all sessions since it began; and, once a minute, of the policies, so that
        no request waits for a call of theirs.
        """
        session, profile = session_key(person_id, key), profile_key(person_id)
        stale = self.policies.list_stale_keys()
        ahead = list_keys_beside(person_id, beside, self.table.clock())
        found = self.table.get_many([session, profile, *stale, *ahead])
        self.policies.keep(stale, found)
        read_ahead.keep(ahead, found)
        if session not in found or not lets_in(found.get(profile), str(found[session]["created_at"])):
            return None
        return unpack(Session, found[session])

    def create(self, key: str, session: Session) -> None:
        """The table's own clean-up may take it away once it cannot be used any more; it is never what
        decides.
        """
        pk, sk = session_key(session.person.id, key)
        expires = int(session.expires_at.timestamp())
        self.table.write(put({**pack(session), "pk": pk, "sk": sk, "ttl": expires}))

    def touch(self, key: str, session: Session) -> bool:
        write = update(
            session_key(session.person.id, key), "SET #seen_at = :seen", "attribute_exists(#pk)",
            seen=moment(session.seen_at),
        )  # fmt: skip
        return self.table.try_write(write)

    def claim_check(self, key: str, session: Session, claim: str, now: datetime, until: datetime) -> bool:
        """`claim` is in the condition too, so that a repeated call whose first answer was lost succeeds."""
        write = update(
            session_key(session.person.id, key),
            "SET #claim = :claim, #claimed_until = :until",
            "#checked_at = :known AND"
            " (attribute_not_exists(#claim) OR #claim = :claim OR #claimed_until <= :now)",
            claim=claim, until=moment(until), now=moment(now), known=moment(session.checked_at),
        )  # fmt: skip
        return self.table.try_write(write)

    def renew(self, key: str, session: Session, claim: str) -> bool:
        write = update(
            session_key(session.person.id, key),
            "SET #seen_at = :seen, #checked_at = :checked, #person = :person, #refresh_token = :refresh,"
            " #id_token = :id, #groups_source = :source",
            "#claim = :claim",
            claim=claim, seen=moment(session.seen_at), checked=moment(session.checked_at),
            person=pack(session.person), refresh=session.refresh_token, id=session.id_token,
            source=pack(session.groups_source),
        )  # fmt: skip
        return self.table.try_write(write)

    def keep_form(self, key: str, page: str, sealed: str, until: datetime) -> None:
        pk, sk = kept_form_key(key, page)
        self.table.write(put({"pk": pk, "sk": sk, "form": sealed, "ttl": int(until.timestamp())}))

    def get_form(self, key: str, page: str, now: datetime) -> str | None:
        found = self.table.get(kept_form_key(key, page))
        return str(found["form"]) if found and found["ttl"] > now.timestamp() else None

    def forget_form(self, key: str, page: str) -> None:
        self.table.write(delete(kept_form_key(key, page)))

    def note_second_factor(self, key: str, session: Session) -> None:
        write = update(
            session_key(session.person.id, key), "SET #has_second_factor = :yes", "attribute_exists(#pk)",
            yes=True,
        )  # fmt: skip
        self.table.try_write(write)

    def keep_enrolment(self, person_id: str, key: str, sealed: str, until: datetime) -> None:
        pk, sk = enrolment_key(person_id, key)
        self.table.write(put({"pk": pk, "sk": sk, "enrolment": sealed, "ttl": int(until.timestamp())}))

    def get_enrolment(self, person_id: str, key: str, now: datetime) -> str | None:
        found = self.table.get(enrolment_key(person_id, key))
        return str(found["enrolment"]) if found and found["ttl"] > now.timestamp() else None

    def forget_enrolment(self, person_id: str, key: str) -> None:
        self.table.write(delete(enrolment_key(person_id, key)))

    def end(self, person_id: str, key: str) -> None:
        self.table.write(delete(session_key(person_id, key)))


def list_keys_beside(person_id: str, beside: Mapping[Beside, str], now: datetime) -> list[Key]:
    """Of the items that a page asks for with its session; none for what is no id."""
    own = {
        Beside.PROFILE: profile_key(person_id),
        Beside.USAGE: usage_key(person_id),
        Beside.DRAFT_COUNT: draft_count_key(person_id),
        Beside.KNOWN_DOMAINS: known_domains_key(person_id),
        Beside.MAIL_COUNT: mail_count_key(person_id, now),
        Beside.ORGANISATION_GROUPS: group_count_key(ORGANISATION),
    }
    by_id: dict[Beside, Callable[[str], list[Key]]] = {
        Beside.FILE: lambda id: [file_key(id)],
        Beside.DRAFT: lambda id: [draft_key(person_id, id)],
        Beside.FOLLOWED_SHARE: lambda id: [share_key(id), spread_key(id), *list_seen_keys(id)],
    }
    found = [own[each] for each in beside if each in own]
    ids = [(by_id[each], id) for each, id in beside.items() if each in by_id and is_id(id)]
    return [*found, *(key for keys_of, id in ids for key in keys_of(id))]


def lets_in(profile: Item | None, since: str) -> bool:
    """Whether a session that began then still counts, as far as its person goes."""
    if profile is None or {"closing_at", "disabled_at"} & profile.keys():
        return False
    return since >= str(profile.get("signed_out_at", ""))
