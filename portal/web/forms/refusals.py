"""A workflow's refusal, laid onto the form it was said about: each sentence at its field, the rest on top."""

from __future__ import annotations

from flask_wtf import FlaskForm

from portal.domain.errors import Refusal, Several, Unavailable
from portal.web.wording.i18n import translate_refusal


def add_errors(form: FlaskForm, refusal: Refusal) -> None:
    """Show a refusal in a form that is shown again, with what was typed still in it.

    Raises what says that a service did not answer: nothing typed is wrong, and its page says when to come
    back.
    """
    if isinstance(refusal, Unavailable):
        raise refusal
    for each in refusal.refusals if isinstance(refusal, Several) else [refusal]:
        field = form._fields.get(each.field or "")
        if field is None:
            form.form_errors = [*form.form_errors, translate_refusal(each)]
        else:
            field.errors = [*field.errors, translate_refusal(each)]
