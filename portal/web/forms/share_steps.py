"""The steps of sharing: which field is asked where, what a form brings along, and where an error belongs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from portal.domain.policy.limits import Limits
from portal.domain.shares.drafts import KEPT_FIELDS, Draft
from portal.domain.shares.share import Notify
from portal.web.current import config, now, services
from portal.web.forms.shares import ShareForm
from portal.web.identity.access import current_person
from portal.web.wording import i18n

CHOOSE, RECIPIENTS, ACCESS, REVIEW = STEPS = ("choose", "recipients", "access", "review")
ALL = "answers"  # everything on one page
LATER, SHARE = "later", "share"
ASKED = {
    CHOOSE: ("file",),
    RECIPIENTS: ("recipients", "groups", "message"),
    ACCESS: (*(name for name in KEPT_FIELDS if name not in ("recipients", "message")), "password"),
    ALL: ("file", "groups", *KEPT_FIELDS, "password"),
    REVIEW: ("by_hand",),
}
WAY = "sharing"  # the cookie that remembers how someone likes to share: "steps" or "page", nothing else
BY_STEPS, ON_ONE_PAGE = "steps", "page"


@dataclass(frozen=True)
class Filled:
    """A form as far as it is filled in: what a draft keeps, and the password, which none does."""

    draft: Draft
    password: str = ""

    def form(self) -> ShareForm:
        """The form with all of it; the app has checked its secret already."""
        said = MultiDict[str, str](
            {**self.draft.answers, "submission_id": self.draft.id, "password": self.password}
        )
        said.setlist("groups", list(self.draft.groups))
        form = ShareForm(formdata=said, meta={"csrf": False})
        form.offer(services().limits)
        return form

    def along(self, step: str) -> Iterator[tuple[str, str]]:
        """What a step's page does not ask and its form brings along, hidden."""
        draft = self.draft
        many = {"file": draft.file_ids, "groups": draft.groups, "by_hand": draft.by_hand}
        one = {**draft.answers, "password": self.password}
        everything = [*one.items(), *((name, each) for name, several in many.items() for each in several)]
        return ((name, text) for name, text in everything if name not in ASKED[step] and text)

    def resolve_groups(self, people: Sequence[str]) -> Filled:
        """With groups taken for who is in them now: what was checked is what is shared (R51)."""
        answers = {**self.draft.answers, "recipients": ", ".join(people)}
        return replace(self, draft=replace(self.draft, answers=answers, groups=()))


def begin_form(draft_id: str, file_ids: list[str], limits: Limits) -> Filled:
    """A form as it opens."""
    usual = {"last_day": str(limits.default_share_days), "notify": Notify.FIRST.value}
    usual |= {"confirm": "y"} if limits.confirm_by_code else {}
    usual |= {"preview": "y"} if limits.previews and limits.previews_allowed else {}
    usual |= {"download_limit": str(limits.default_download_limit)} if limits.default_download_limit else {}
    return Filled(Draft(draft_id, current_person().id, now(), tuple(file_ids), usual))


def read_posted(given: MultiDict[str, str]) -> Filled:
    password = given.get("password", "")
    answers = {name: given[name] for name in KEPT_FIELDS if name in given}
    return Filled(
        Draft(
            given.get("submission_id", ""), current_person().id, now(), tuple(given.getlist("file")), answers,
            tuple(given.getlist("groups")), tuple(given.getlist("by_hand")), bool(password.strip()),
        ),
        password,
    )  # fmt: skip


def way(step: str) -> str:
    """By steps or on one page: what the step says, else the form, else what was liked before."""
    if step in (ALL, RECIPIENTS, ACCESS):
        return ON_ONE_PAGE if step == ALL else BY_STEPS
    liked = request.form.get("way") or request.cookies.get(WAY)
    return BY_STEPS if liked == BY_STEPS else ON_ONE_PAGE


def step_of_field(name: str) -> str:
    """The step that asks for a field; what belongs to none is said at the last one."""
    return next((step for step in (CHOOSE, RECIPIENTS) if name in ASKED[step]), ACCESS)


def first_wrong(form: ShareForm, before: str, by_way: str) -> str:
    """The first step with an error that has to be mended before this one; empty where there is none."""
    wrong = {step_of_field(each.name) for each in form if each.errors} | (
        {ACCESS} if form.form_errors else set()
    )
    earlier = [step for step in STEPS[: STEPS.index(before)] if step in wrong]
    return (ALL if by_way == ON_ONE_PAGE else earlier[0]) if earlier else ""


def say_only(step: str, form: ShareForm) -> None:
    """Say nothing yet of what other steps ask; nothing at all where there is no step to mend something at."""
    for each in form:
        if step not in (ALL, step_of_field(each.name)):
            each.errors = []
    if step not in (ALL, ACCESS):
        form.form_errors = []


def remember(answer: Response, by_way: str) -> Response:
    """Keep the way for a year where it is not the usual one, or was not before."""
    if request.cookies.get(WAY, ON_ONE_PAGE) != by_way:
        answer.set_cookie(
            WAY, by_way, max_age=i18n.YEAR_SECONDS, secure=config().is_https, httponly=True, samesite="Lax"
        )
    return answer
