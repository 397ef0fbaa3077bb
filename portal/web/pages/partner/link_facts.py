"""A recipient's link for programs that ask for JSON: what its page says, and the secret that its forms carry.

The rules are the page's: the same workflows, the same limits, and the same secret with every press.
"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from portal.domain.ids import make_sortable_id
from portal.domain.links.availability import FileOffer, Offer
from portal.domain.links.proofs import mask_address
from portal.domain.shares.share import Share
from portal.web.current import now
from portal.web.edge.csrf import csrf_token
from portal.web.errors import refusal_answer
from portal.web.identity import link_proof_cookie
from portal.workflows.links.link_access import LinkClosed, ProofNeeded


def show_offer(share: Share, offered: Offer) -> Response:
    """-> 200. attempt_id: of a press of this file's button; the same again is not counted again."""
    return jsonify(
        shared_by=share.owner_name, address=share.owner_address, message=share.message,
        expires_at=share.expires_at.isoformat(), csrf_token=csrf_token(),
        files=[show_file(each, offered) for each in offered.files],
    )  # fmt: skip


def show_file(each: FileOffer, offered: Offer) -> dict[str, Any]:
    file, closed = each.file, each.closed or offered.closed
    return {
        "file_id": file.id, "file_name": file.name, "folder": file.folder, "size": file.size,
        "sha256": file.sha256, "closed": closed and str(closed), "downloads_left": each.left,
        "attempt_id": make_sortable_id(now()),
    }  # fmt: skip


def say_closed(refusal: LinkClosed) -> Response:
    """-> 410, with the secret by which a press that was counted before goes on, though it was the last."""
    refusal.extensions["csrf_token"] = csrf_token()
    return refusal_answer(refusal)


def ask_for_proof(token: str, needed: ProofNeeded) -> Response:
    """-> 403. step: what is to be shown next, `address` (by a code) or `password`; code_sent: whether a code
    that this program asked for is on its way.
    """
    needed.extensions |= {
        "step": needed.step, "shared_by": needed.share.owner_name,
        "masked_address": mask_address(needed.recipient.address),
        "code_sent": bool(link_proof_cookie.read_shown(token).code_id), "csrf_token": csrf_token(),
    }  # fmt: skip
    return refusal_answer(needed)
