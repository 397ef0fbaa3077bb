"""The form of one scope's policies: for each field a value, and whether that is a default or a lock.

It carries the version that its reader saw (R63).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.widgets import HiddenInput

from portal.domain.policy.policies import Resolved, Rules, Setting
from portal.domain.policy.policy_fields import FIELDS, Kind, PolicyField, Value
from portal.domain.policy.policy_input import write_size
from portal.web.wording.policy_words import WORDS
from portal.workflows.policy.policies import Typed

UNSET, DEFAULT, LOCKED = "", "default", "locked"
RULE_CHOICES = [
    (UNSET, lazy_gettext("Not set here")),
    (DEFAULT, lazy_gettext("Default")),
    (LOCKED, lazy_gettext("Locked")),
]
SWITCH_CHOICES = [("yes", lazy_gettext("Yes")), ("no", lazy_gettext("No"))]


def rule_name(name: str) -> str:
    return f"{name}_rule"


def make_field(kind: PolicyField) -> Any:
    label, hint = map(lazy_gettext, WORDS[kind.name])
    if kind.kind is Kind.SWITCH:
        return SelectField(label, description=hint, validate_choice=False)
    if kind.kind in {Kind.RECIPIENTS, Kind.FILE_KINDS}:
        return TextAreaField(label, description=hint)
    return StringField(label, description=hint)


class PolicyForm(FlaskForm):
    """group: whose policies these are; empty for everyone's."""

    group = HiddenField()
    version = IntegerField(widget=HiddenInput())

    def __init__(self, *values: object, **named: object) -> None:
        super().__init__(*values, **named)
        for kind in FIELDS:
            self[rule_name(kind.name)].choices = RULE_CHOICES
            if kind.kind is Kind.SWITCH:
                self[kind.name].choices = SWITCH_CHOICES

    def fill(self, version: int, scope: str, rules: Rules, found: Mapping[str, Resolved]) -> PolicyForm:
        """As it opens: what this scope sets, and elsewhere what counts by now, to start from."""
        self.see(version, scope)
        for kind in FIELDS:
            self.show(kind, rules.get(kind.name), found[kind.name])
        return self

    def show(self, kind: PolicyField, setting: Setting | None, found: Resolved) -> None:
        """One field with what this scope sets, or else what counts by now, whatever was typed."""
        rule = UNSET if setting is None else LOCKED if setting.locked else DEFAULT
        shown = {kind.name: write_value(kind, (setting or found).value), rule_name(kind.name): rule}
        for name, value in shown.items():
            self[name].process_data(value)
            self[name].raw_data = None

    def list_forgotten(self, rules: Rules, found: Mapping[str, Resolved]) -> list[str]:
        """Fields with a new value whose rule says that they are not set here."""
        forgotten = []
        for kind in FIELDS:
            known = [found[kind.name].value, *([rules[kind.name].value] if kind.name in rules else [])]
            shown = [split(write_value(kind, each)) for each in known]
            typed, rule = self[kind.name].data, self[rule_name(kind.name)].data
            if rule == UNSET and typed is not None and split(typed) not in shown:
                forgotten.append(kind.name)
        return forgotten

    def see(self, version: int, scope: str) -> None:
        """Note which version its reader sees from here on."""
        self.version.process_data(version)
        self.version.raw_data = None
        self.group.process_data(scope)

    def read(self) -> dict[str, Typed]:
        """What is set here, as typed."""
        rules = {kind.name: self[rule_name(kind.name)].data for kind in FIELDS}
        return {
            name: Typed(str(self[name].data or ""), rule == LOCKED)
            for name, rule in rules.items() if rule in {DEFAULT, LOCKED}
        }  # fmt: skip


for each in FIELDS:
    setattr(PolicyForm, each.name, make_field(each))
    setattr(PolicyForm, rule_name(each.name), SelectField(lazy_gettext("What it is"), validate_choice=False))


def split(text: str) -> list[str]:
    """A value without the blanks and line breaks that browsers write otherwise."""
    return text.split()


def write_value(kind: PolicyField, value: Value) -> str:
    """A value as it is typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "\n".join(value)
    if value is None:
        return ""
    return write_size(value) if kind.kind is Kind.BYTES else str(value)
