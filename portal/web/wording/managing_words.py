"""What administrators did with someone, in words for the history: done, and tried."""

from __future__ import annotations

from portal.domain.audit.record import Action
from portal.domain.errors import N_

MANAGING: dict[Action, tuple[str, str]] = {
    Action.TOKEN_MADE: (
        N_("%(who)s made the access token %(name)s."),
        N_("%(who)s tried to make an access token."),
    ),
    Action.TOKEN_REVOKED: (
        N_("%(who)s revoked the access token %(name)s."),
        N_("%(who)s tried to revoke an access token."),
    ),
    Action.SHARE_EXPIRED: (N_("The share ended."), N_("The share was to end.")),
    Action.SERVICE_ACCOUNT_MADE: (
        N_("%(who)s made the service account %(to)s."),
        N_("%(who)s tried to make a service account."),
    ),
    Action.PERSON_INVITED: (N_("%(who)s invited %(to)s."), N_("%(who)s tried to invite %(to)s.")),
    Action.INVITED_AGAIN: (
        N_("%(who)s had the invitation to %(to)s sent again."),
        N_("%(who)s tried to have the invitation to %(to)s sent again."),
    ),
    Action.PASSWORD_RESET: (
        N_("%(who)s reset the password of %(to)s."),
        N_("%(who)s tried to reset the password of %(to)s."),
    ),
    Action.DATA_EXPORTED: (
        N_("%(who)s asked for all that is kept about them."),
        N_("%(who)s tried to ask for all that is kept about them."),
    ),
    Action.DATA_FETCHED: (
        N_("%(who)s downloaded all that is kept about them."),
        N_("%(who)s tried to download all that is kept about them."),
    ),
    Action.SECOND_FACTOR_ADDED: (
        N_("%(who)s set up an authenticator app."),
        N_("%(who)s tried to set up an authenticator app."),
    ),
    Action.SECOND_FACTOR_RESET: (
        N_("%(who)s reset the second factor of %(to)s."),
        N_("%(who)s tried to reset the second factor of %(to)s."),
    ),
    Action.PERSON_SIGNED_OUT: (
        N_("%(who)s signed %(to)s out everywhere."),
        N_("%(who)s tried to sign %(to)s out everywhere."),
    ),
    Action.PERSON_DISABLED: (
        N_("%(who)s disabled the account of %(to)s."),
        N_("%(who)s tried to disable the account of %(to)s."),
    ),
    Action.PERSON_ENABLED: (
        N_("%(who)s enabled the account of %(to)s again."),
        N_("%(who)s tried to enable the account of %(to)s again."),
    ),
    Action.PERSON_DELETED: (
        N_("%(who)s deleted the account of %(to)s."),
        N_("%(who)s tried to delete the account of %(to)s."),
    ),
    Action.ROLES_CHANGED: (
        N_("%(who)s changed the roles of %(to)s."),
        N_("%(who)s tried to change the roles of %(to)s."),
    ),
    Action.QUOTA_SET: (
        N_("%(who)s set the quota of %(to)s."),
        N_("%(who)s tried to set the quota of %(to)s."),
    ),
}
