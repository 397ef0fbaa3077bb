"""Adding a second factor: one goes through the provider once more, for this alone, and comes back with what
the user pool takes an authenticator app by.

Sessions have no such token. Cognito wants an access token with a scope that also lets change one's address
and delete one's account, so it is asked for here only, kept sealed for ten minutes under this one session,
and ended when the app is there. `prompt=login` has the provider ask who it is again, and for the code of the
app before, so that a browser left open adds none.
"""

from __future__ import annotations

import json
from datetime import timedelta

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import Invalid
from portal.domain.people.second_factor import Enrolment
from portal.web.current import config, now, parts, services
from portal.web.identity import pending_sign_ins
from portal.web.identity.claims import NOT_SIGNED_IN
from portal.web.identity.cookies import Seal
from portal.web.identity.pending_sign_ins import Pending
from portal.web.identity.refresh import provider
from portal.web.identity.return_path import public_address
from portal.web.identity.sign_out import best_effort

PURPOSE = "second_factor"
# "Scopes, M2M, and resource servers" in Cognito's developer guide: what AssociateSoftwareToken wants.
SCOPE = "aws.cognito.signin.user.admin"
KEPT_FOR = timedelta(minutes=10)  # shorter than such a token lives, which is 15 minutes


def begin() -> Response:
    """Off to the provider. Raises Unavailable."""
    page = url_for("second_factor.show").removeprefix(request.script_root)
    return pending_sign_ins.begin(page, purpose=PURPOSE, more_scope=SCOPE, prompt="login")


def come_back(pending: Pending) -> Response:
    """With an app's secret to show; or with nothing where somebody else signed in there, or the provider
    would not. Raises Invalid, Unavailable and EnrolmentOver.
    """
    page = redirect(url_for("second_factor.show"), 303)
    if not g.get("signed_in"):
        raise Invalid(NOT_SIGNED_IN, reason="sign_in_without_session")
    if "error" in request.args or not request.args.get("code"):
        flash(explain_error(request.args.get("error", "")), "attention")
        return page
    found = provider().finish(request.args["code"], pending._asdict(), public_address("sign_in.callback"))
    if found.person.id != g.signed_in.person.id:
        flash(
            gettext("Someone else signed in there, so nothing was changed. Sign in as yourself."), "attention"
        )
        return page
    secret = services().directory.begin_second_factor(found.access_token)
    keep(Enrolment(found.access_token, found.refresh_token, secret))
    return page


def explain_error(error: str) -> str:
    if error == "invalid_scope":
        words = gettext(
            "The sign-in service does not let this portal add authenticator apps. An administrator has to"
            " allow its client the scope %(scope)s.", scope=SCOPE,
        )  # fmt: skip
        return str(words)
    return str(gettext("You did not finish signing in, so nothing was changed."))


def keep(enrolment: Enrolment) -> None:
    fields = [enrolment.access_token, enrolment.refresh_token, enrolment.secret]
    sealed = enrolment_seal().close(json.dumps(fields))
    parts().sessions.keep_enrolment(g.key.person_id, g.key.secret_hash, sealed, now() + KEPT_FOR)


def find() -> Enrolment | None:
    """That of this session, as long as its time is not over."""
    sealed = parts().sessions.get_enrolment(g.key.person_id, g.key.secret_hash, now())
    text = enrolment_seal().open(sealed, int(KEPT_FOR.total_seconds())) if sealed else None
    return Enrolment(*json.loads(text)) if text else None


def end(enrolment: Enrolment) -> None:
    """The app is there. With the refresh token ends what came with it ("Revoking tokens")."""
    parts().sessions.note_second_factor(g.key.secret_hash, g.signed_in)
    parts().sessions.forget_enrolment(g.key.person_id, g.key.secret_hash)
    with best_effort("revocation"):
        provider().revoke(enrolment.refresh_token)


def enrolment_seal() -> Seal:
    return Seal(config().secret_keys, "second factors", services().clock)
