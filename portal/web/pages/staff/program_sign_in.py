"""`/account/tokens/authorize`: a program on one's own computer gets an access token by one press, and never
sees a password.

As RFC 8252 has it for native programs: the browser goes on to a port of this computer with a code, and the
program exchanges that for its token by a secret of its own (PKCE, RFC 7636). The code holds the token, sealed
with our key, and counts for two minutes; without the secret it is worth nothing, and with it it gives no more
than whoever has it got already. So nothing is kept, and an answer that was lost is asked for again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from portal.domain.errors import N_, Conflict, Invalid, Refusal, Several
from portal.domain.ids import encode, make_sortable_id
from portal.domain.people.access_tokens import NAME_CHARACTERS
from portal.domain.people.permissions import list_scopes
from portal.engine.rates import count_within_if_known
from portal.engine.workflow import run
from portal.web.current import config, now, services
from portal.web.edge.audience import Audience, Place, for_audience
from portal.web.edge.headers import allow_form_target
from portal.web.forms.access_tokens import TokenForm
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import current_person
from portal.web.identity.cookies import Seal
from portal.workflows.people.access_tokens import MAKE_TOKEN

CODE_SECONDS = 120
CHALLENGE, STATE, PORT = (
    re.compile(r"[\w-]{43}", re.ASCII),
    re.compile(r"[\w-]{1,64}", re.ASCII),
    re.compile(r"\d{4,5}"),
)
LOWEST_PORT, HIGHEST_PORT = 1024, 65535

blueprint = Place("program_sign_in", __name__, Audience.STAFF)


@dataclass(frozen=True)
class Waiting:
    """The program that waits on a port of this computer, by what it put into the address."""

    port: str
    challenge: str
    state: str

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def words(self) -> str:
        """What the program shows, too, so that a reader knows which one asks: `k7qm-4f2x`."""
        number = int.from_bytes(hashlib.sha256(self.challenge.encode()).digest()[:5], "big")
        text = encode(number, 8)
        return f"{text[:4]}-{text[4:]}"

    def lead_back(self, **said: str) -> str:
        return f"{self.origin}/?{urlencode({**said, 'state': self.state})}"


def read_waiting(said: MultiDict[str, str]) -> Waiting:
    found = Waiting(*(said.get(name, "") for name in ("port", "challenge", "state")))
    fits = (
        CHALLENGE.fullmatch(found.challenge) and STATE.fullmatch(found.state) and PORT.fullmatch(found.port)
    )
    if not fits or not LOWEST_PORT <= int(found.port) <= HIGHEST_PORT:
        raise Invalid(
            N_("This address is incomplete. Start again in the program that led you here."),
            reason="authorize_incomplete",
        )  # fmt: skip
    return found


@blueprint.get("/account/tokens/authorize")
def show() -> str | AnyResponse:
    """Without a program that waits, as when an answer to the form is reloaded, the page of the tokens."""
    if not request.args:
        return redirect(url_for("access_tokens.index"), 303)
    waiting, offered = read_waiting(request.args), list_scopes(current_person())
    asked = request.args.get("scopes", "").split()
    data = {
        "submission_id": make_sortable_id(now()), "name": request.args.get("name", "")[:NAME_CHARACTERS],
        "scopes": [each for each in offered if each in asked],
    }  # fmt: skip
    return page(TokenForm(formdata=None, data=data), waiting)


def page(form: TokenForm, waiting: Waiting) -> str:
    form.offer(list_scopes(current_person()))
    allow_form_target(waiting.origin)
    return render_template("pages/program_sign_in.html", form=form, waiting=waiting)


@blueprint.post("/account/tokens/authorize")
def allow() -> AnyResponse | tuple[str, int]:
    """On to the program, with a code for the token that was made."""
    waiting, form = read_waiting(request.form), TokenForm().offer(list_scopes(current_person()))
    try:
        made = run(MAKE_TOKEN, form.read(), services())
    except (Invalid, Several, Conflict) as refusal:
        add_errors(form, refusal)
        return page(form, waiting), refusal.status
    code = seal_codes().close(json.dumps([made.made[1].text, waiting.challenge]))
    return redirect(waiting.lead_back(code=code), 303)


def seal_codes() -> Seal:
    return Seal(config().secret_keys, "program sign-in", services().clock)


class CodeRefused(Invalid):
    """One answer for whatever is wrong with it."""

    reason = "code_refused"
    message = N_("This sign-in took too long or does not belong to this program. Start it again.")


@blueprint.post("/login/token")
@for_audience(Audience.VISITOR)
def exchange() -> Response:
    """`{code, verifier}` -> `{token}`: by the secret whose hash the program began with."""
    said = request.get_json(silent=True)
    code, verifier = (said.get(name) if isinstance(said, dict) else None for name in ("code", "verifier"))
    if not isinstance(code, str) or not isinstance(verifier, str):
        raise CodeRefused
    sealed = seal_codes().open(code[:4000], CODE_SECONDS)
    token, challenge = json.loads(sealed) if sealed else ("", "")
    if not hmac.compare_digest(challenge.encode(), hash_verifier(verifier[:200])):
        raise count_refused()
    return jsonify(token=token)


def hash_verifier(verifier: str) -> bytes:
    """As PKCE's method S256 has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")


def count_refused() -> Refusal:
    """That it is refused; raises that it was too often, of a source that guesses."""
    count_within_if_known(services().limits.rates.sign_ins, request.remote_addr or "", now(), services())
    return CodeRefused()
