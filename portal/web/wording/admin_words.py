"""What administrators do with everyone's things, as sentences of the history; history.py has the others."""

from __future__ import annotations

from portal.domain.audit.record import Action
from portal.domain.errors import N_

ADMIN_SENTENCES: dict[Action, tuple[str, str]] = {
    Action.HOLD_SET: (
        N_("%(who)s put %(name)s on legal hold: %(why)s"),
        N_("%(who)s tried to put %(name)s on legal hold."),
    ),
    Action.HOLD_RELEASED: (
        N_("%(who)s released %(name)s from legal hold: %(why)s"),
        N_("%(who)s tried to release %(name)s from legal hold."),
    ),
    Action.ORGANISATION_GROUP_MADE: (
        N_("%(who)s created the organisation's group %(name)s."),
        N_("%(who)s tried to create a group of the organisation."),
    ),
    Action.ORGANISATION_GROUP_CHANGED: (
        N_("%(who)s changed the organisation's group %(name)s."),
        N_("%(who)s tried to change a group of the organisation."),
    ),
    Action.ORGANISATION_GROUP_DELETED: (
        N_("%(who)s deleted the organisation's group %(name)s."),
        N_("%(who)s tried to delete a group of the organisation."),
    ),
    Action.ADDRESS_TAKEN_OUT: (
        N_("%(who)s took %(to)s out of the organisation's group %(name)s."),
        N_("%(who)s tried to take %(to)s out of the organisation's groups."),
    ),
    Action.HANDOVER_BEGUN: (
        N_("%(who)s began to hand over what %(giver)s has to %(receiver)s."),
        N_("%(who)s tried to hand over what %(giver)s has to %(receiver)s."),
    ),
    Action.FILE_HANDED_OVER: (
        N_("%(who)s handed %(name)s over from %(giver)s to %(receiver)s."),
        N_("%(name)s was to be handed over from %(giver)s to %(receiver)s."),
    ),
    Action.SHARE_HANDED_OVER: (
        N_("%(who)s handed the share over from %(giver)s to %(receiver)s."),
        N_("The share was to be handed over from %(giver)s to %(receiver)s."),
    ),
    Action.REPORT_ASKED: (
        N_("%(who)s started a report on the access log."),
        N_("%(who)s tried to start a report on the access log."),
    ),
    Action.REPORT_CANCELLED: (
        N_("%(who)s cancelled a report on the access log."),
        N_("%(who)s tried to cancel a report on the access log."),
    ),
    Action.REPORT_ENDED: (
        N_("A report on the access log ended."),
        N_("A report on the access log was to end."),
    ),
    Action.REPORT_FETCHED: (
        N_("%(who)s fetched the result of a report on the access log."),
        N_("%(who)s tried to fetch the result of a report on the access log."),
    ),
    Action.POLICY_CHANGED: (
        N_("%(who)s changed policies."),
        N_("%(who)s tried to change policies."),
    ),
    Action.POLICY_RESTORED: (
        N_("%(who)s went back to version %(restored)s of the policies."),
        N_("%(who)s tried to go back to an earlier version of the policies."),
    ),
}
