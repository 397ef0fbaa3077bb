"""`/admin/policies`: what everyone and each group may do, tried before it is saved, with its history."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.errors import N_, Conflict, Invalid, NotFound, Refusal, Several
from portal.domain.policy.policies import FOR_ALL, NO_POLICY, Policy, Setting, resolve_all
from portal.domain.policy.policy_checks import MAX_GROUP_CHARACTERS, PolicyContradiction
from portal.domain.policy.policy_fields import FIELDS, Subject
from portal.engine.workflow import dry_run, run
from portal.queries.admin import policies as policy_queries
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.policies import PolicyForm, rule_name
from portal.web.forms.refusals import add_errors
from portal.web.identity.access import staff_request
from portal.web.identity.kept_forms import restore_form
from portal.web.wording import policy_words
from portal.web.wording.i18n import translate_refusal
from portal.workflows.policy.policies import (
    CHANGE_POLICY,
    RESTORE_POLICY,
    ChangePolicy,
    PoliciesChangedMeanwhile,
    RestorePolicy,
    parse_rules,
)

TRY = "try"
MAX_DIGITS = 8  # of a version

blueprint = Place("admin_policies", __name__, Audience.ADMIN)


@dataclass(frozen=True)
class Both:
    """A field that one of two changed. is_mine: whether one changed it oneself."""

    name: str
    is_mine: bool
    mine: Setting | None
    theirs: Setting | None


@dataclass(frozen=True)
class Answer:
    """What a press came to, beside the form: both: what someone else set in the meantime, field by field
    beside one's own; trial: what the policy would have refused.
    """

    both: tuple[Both, ...] = ()
    trial: policy_queries.Trial | None = None


@blueprint.get("/admin/policies")
def index() -> str:
    kept = restore_form("admin_policies.change")
    policy, scope = services().policies.read(), read_scope(request.args.get("group", ""))
    if kept:
        return page(policy, read_scope(kept.get("group", "")), PolicyForm(formdata=kept), Answer())
    return page(policy, scope, None, Answer())


@blueprint.post("/admin/policies")
def change() -> Response | tuple[str, int]:
    form, scope = PolicyForm(), read_scope(request.form.get("group", ""))
    context = ChangePolicy(staff_request(), version=form.version.data or 0, scope=scope, typed=form.read())
    try:
        require_rules(form, context)
        if request.form.get("step") == TRY:
            done = dry_run(CHANGE_POLICY, context, services())
            trial = policy_queries.try_policy(done.after, now(), services())
            return page(services().policies.read(), scope, form, Answer(trial=trial)), 200
        done = run(CHANGE_POLICY, context, services())
    except PoliciesChangedMeanwhile as refusal:
        return merge(context, form, refusal)
    except (Invalid, Several) as refusal:
        lay_errors(form, scope, refusal)
        return page(services().policies.read(), scope, form, Answer()), refusal.status
    flash(gettext("Nothing was changed.") if done.again else gettext("The policies are saved."), "done")
    return redirect(url_for(".index", group=scope or None), 303)


@blueprint.get("/admin/policies/history")
def history() -> str:
    cursor = request.args.get("cursor")
    return render_template(
        "pages/admin/policy_history.html", versions=policy_queries.list_versions(cursor, services()),
        current=services().policies.get_current().version, cursor=cursor, say=policy_words.say_difference,
    )  # fmt: skip


@blueprint.post("/admin/policies/history/restore")
def restore() -> Response:
    wanted = read_number("wanted")
    context = RestorePolicy(staff_request(), version=read_number("version"), wanted=wanted)
    try:
        done = run(RESTORE_POLICY, context, services())
    except (Invalid, Several, Conflict) as refusal:
        several = refusal.refusals if isinstance(refusal, Several) else [refusal]
        flash(" ".join(say_problem(FOR_ALL, each) for each in several), "attention")
    else:
        flash(
            gettext("Nothing was changed.") if done.again
            else gettext("The policies are those of version %(number)s again.", number=wanted), "done",
        )  # fmt: skip
    return redirect(url_for(".history"), 303)


def read_number(name: str) -> int:
    """A version in the form; what is none leads nowhere."""
    text = request.form.get(name, "")
    if not text.isascii() or not text.isdecimal() or len(text) > MAX_DIGITS:
        raise NotFound()
    return int(text)


def read_scope(name: str) -> str:
    """A group as it was named; blanks around it are nobody's."""
    return name.strip()[: MAX_GROUP_CHARACTERS + 1]


def merge(context: ChangePolicy, form: PolicyForm, refusal: Refusal) -> tuple[str, int]:
    """Both versions side by side. What one did not touch is taken over; what one did stays as typed, and
    saving again puts it in the place of the other's.
    """
    scope, policy = context.scope, services().policies.read()
    base = services().policies.get_version(context.version) or NO_POLICY
    mine = parse_rules(context, services()).rules
    seen, theirs = base.scopes.get(scope, {}), policy.scopes.get(scope, {})
    found = resolve_all(services().environment_limits, policy, (scope,) if scope else ())
    both = list[Both]()
    for kind in FIELDS:
        one, other = mine.get(kind.name), theirs.get(kind.name)
        is_mine = one != seen.get(kind.name)
        if not is_mine:
            form.show(kind, other, found[kind.name])
        if is_mine or other != seen.get(kind.name):
            both.append(Both(kind.name, is_mine, one, other))
    add_errors(form, refusal)
    form.see(policy.version, scope)
    return page(policy, scope, form, Answer(both=tuple(both))), refusal.status


def require_rules(form: PolicyForm, context: ChangePolicy) -> None:
    """A value that was typed beside "Not set here" is not passed over in silence."""
    policy, scope = services().policies.read(), context.scope
    found = resolve_all(services().environment_limits, policy, (scope,) if scope else ())
    forgotten = form.list_forgotten(policy.scopes.get(scope, {}), found)
    if forgotten and policy.version == context.version:
        raise Several([
            Invalid(
                N_("Choose Default or Locked beside this value, or leave it as it was."),
                field=name, reason="policy_unset",
            )
            for name in forgotten
        ])  # fmt: skip


def lay_errors(form: PolicyForm, scope: str, refusal: Refusal) -> None:
    """Each at its field; what does not hold together in another scope is said on top, with its group."""
    for each in refusal.refusals if isinstance(refusal, Several) else [refusal]:
        if isinstance(each, PolicyContradiction) and each.scope != scope:
            form.form_errors = [*form.form_errors, say_problem(scope, each)]
        else:
            add_errors(form, each)


def say_problem(scope: str, refusal: Refusal) -> str:
    said = translate_refusal(refusal)
    if not isinstance(refusal, PolicyContradiction) or refusal.scope == scope:
        return said
    group = refusal.scope or gettext("Everyone")
    return str(gettext("%(group)s: %(problem)s", group=group, problem=said))


def page(policy: Policy, scope: str, form: PolicyForm | None, answer: Answer) -> str:
    """The form of one scope. What counts is as someone in this group alone has it."""
    found = resolve_all(services().environment_limits, policy, (scope,) if scope else ())
    shown = form or PolicyForm(formdata=None).fill(policy.version, scope, policy.scopes.get(scope, {}), found)
    return render_template(
        "pages/admin/policies.html", form=shown, scope=scope, policy=policy, answer=answer,
        subjects=[(policy_words.SUBJECTS[subject], list_fields(subject)) for subject in Subject],
        rule_name=rule_name, labels={name: words[0] for name, words in policy_words.WORDS.items()},
        now_said={each.name: policy_words.say_now(each, found[each.name]) for each in FIELDS},
        say=policy_words.say_setting, translate=translate_refusal, trial_days=policy_queries.TRIAL_DAYS,
    )  # fmt: skip


def list_fields(subject: Subject) -> list[str]:
    return [each.name for each in FIELDS if each.subject is subject]
