"""Puts right, inside the embedded AWS process, what MiniStack 1.5.33 puts into refreshed tokens: it leaves
the groups out, which Cognito names in each, and an administrator would be none after a quarter of an hour.
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
"""

from __future__ import annotations

from typing import Any


def name_groups_at_refresh() -> None:
    """Call in MiniStack's own process, before it begins."""
    from ministack.services import cognito

    make = cognito._fake_token

    def token(
        sub: str, pool_id: str, client_id: str, token_type: str = "access",  # noqa: S107 -- a kind
        username: str = "",
        user_attrs: dict[str, str] | None = None, groups: list[str] | None = None, **more: Any,
    ) -> str:  # fmt: skip
        if groups is None and username:
            pool = cognito._get_pool_unscoped(pool_id) or {"_users": {}}
            groups = pool["_users"].get(username, {}).get("_groups", [])
        made = make(sub, pool_id, client_id, token_type, username, user_attrs, groups, **more)
        return str(made)

    cognito._fake_token = token
