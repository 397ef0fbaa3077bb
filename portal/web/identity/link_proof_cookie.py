"""What this browser has shown for the links it opened, in a signed cookie of its own (R44).

The cookie holds the browser's id, and for each of its latest links which code it asked for and what it has
shown. A forwarded email or a copied address does not carry it along.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import Response, g, request
from itsdangerous import BadData, URLSafeSerializer

from portal.domain.links import proofs, tokens
from portal.domain.links.proofs import Proof
from portal.web.current import config
from portal.web.identity.cookies import PROOF, cookie_name, put

MAX_LINKS = 5  # kept at a time, so that the cookies together stay under 4096 bytes (R7)
SECONDS = int(proofs.LIFETIME.total_seconds())


@dataclass(frozen=True)
class Shown:
    """What a browser keeps of one recipient's link: the code it asked for last, and what it has shown."""

    code_id: str = ""
    proof: Proof | None = None


def read_shown(token: str) -> Shown:
    """Of the link of this token; the token itself is looked at elsewhere."""
    parsed = tokens.parse(token)
    return read_cookie()[1].get(parsed.recipient_id, Shown()) if parsed else Shown()


def browser() -> str:
    """An id of this browser that nobody can make up: it only counts out of our own cookie."""
    return read_cookie()[0]


def note_code_request(response: Response, recipient_id: str, code_id: str) -> None:
    known = read_cookie()[1].get(recipient_id, Shown())
    keep(response, recipient_id, replace(known, code_id=code_id))


def has_shown(response: Response, proof: Proof) -> None:
    keep(response, proof.recipient_id, Shown(proof=proof))


def keep(response: Response, recipient_id: str, entry: Shown) -> None:
    """The newest last; the oldest make room."""
    name, entries = read_cookie()
    others = [(key, each) for key, each in entries.items() if key != recipient_id]
    latest = [*others, (recipient_id, entry)][-MAX_LINKS:]
    body = {"b": name, "l": {key: pack_shown(each) for key, each in latest}}
    put(response, config(), PROOF, serializer().dumps(body), SECONDS)


def read_cookie() -> tuple[str, dict[str, Shown]]:
    """The cookie, read once a request; a new browser id where there is none, or none that we signed."""
    if "proofs" not in g:
        raw = request.cookies.get(cookie_name(config(), PROOF), "")
        try:
            found = serializer().loads(raw)
            g.proofs = str(found["b"]), {key: unpack_shown(key, each) for key, each in found["l"].items()}
        except (BadData, KeyError, TypeError, ValueError):
            g.proofs = secrets.token_urlsafe(16), {}
    known: tuple[str, dict[str, Shown]] = g.proofs
    return known


def serializer() -> URLSafeSerializer:
    # itsdangerous signs with the last of several and reads with all of them (R13).
    return URLSafeSerializer(list(reversed(config().secret_keys)), salt="portal proofs v1")


def pack_shown(entry: Shown) -> list[Any]:
    proof = entry.proof
    if proof is None:
        return [entry.code_id]
    ends = int(proof.expires_at.timestamp())
    return [entry.code_id, proof.share_id, proof.generation, ends, sorted(proof.steps)]


def unpack_shown(recipient_id: str, raw: list[Any]) -> Shown:
    if len(raw) == 1:
        return Shown(str(raw[0]))
    code_id, share_id, generation, ends, steps = raw
    expires_at = datetime.fromtimestamp(ends, UTC)
    return Shown(code_id, Proof(share_id, recipient_id, generation, expires_at, frozenset(steps)))
