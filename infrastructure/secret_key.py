"""The portal's secret key: made once, kept where every deployer of the account finds the same one.

Links and sessions hang on it, so a second deploy must not make another. Parameter Store's standard parameters
cost nothing (a Secrets Manager secret 0.40 USD a month). `kept_secrets.py` hands it to the function.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from infrastructure.kept_secrets import name_parameter, read_secrets
from infrastructure.stack import StackFailed
from portal.aws.client.codec import moment
from portal.domain.links.tokens import LinkKeys
from portal.domain.policy.limits import Limits

# A standard parameter takes 4 KB, of which 21 keys are a third.
MAX_FALLBACKS = 20
# What Parameter Store asks for between deleting a parameter and making one of the same name.
PAUSE_SECONDS = 30
NOT_DEPLOYED = (
    "The function does not run with the newest key yet. Bring it there first (make deploy); then make"
    " another."
)
TOO_MANY = (
    f"The last {MAX_FALLBACKS} keys still open links of shares that are not over. Wait until the oldest are,"
    " or another key would break their links."
)


@dataclass(frozen=True)
class Key:
    """One key there was. replaced_at: when nothing can have been made with it any more; None: still can."""

    value: str
    made_at: datetime
    replaced_at: datetime | None


@dataclass(frozen=True)
class Use:
    """What a key must not be taken from: shares may be open for `share_days`, and stand in `table`."""

    share_days: int = Limits().max_share_days
    table: str = ""


def secret_key_variables(
    session: boto3.Session,
    function: str,
    rotate: bool = False,
    use: Use | None = None,
    now: datetime | None = None,
) -> dict[str, str]:
    """PORTAL_SECRET_KEY, its day, and after rotations PORTAL_SECRET_KEY_FALLBACKS. Makes the key if there is
    none.

    A replaced key stays among the fallbacks for as long as a share can be open, and longer where one that was
    extended still is. Raises StackFailed where another key would end a link before its time.
    """
    name, use, now = _name(function), use or Use(), now or datetime.now(UTC)
    parameters = session.client("ssm")
    keys = _keys(parameters, name)
    if rotate and keys and _deployed_key(session, function) not in {None, keys[-1].value}:
        raise StackFailed(NOT_DEPLOYED)
    needed = _needed(session, keys, use, now)
    if rotate and len(needed) > MAX_FALLBACKS:
        raise StackFailed(TOO_MANY)
    made_at = keys[-1].made_at if keys else now
    if rotate or not keys:
        made_at = now
        made = secrets.token_hex(32)
        parameters.put_parameter(Name=name, Value=made, Type="SecureString", Overwrite=bool(keys))
        needed.append(made)
    *older, newest = needed
    return {
        "PORTAL_SECRET_KEY": newest,
        "PORTAL_SECRET_KEY_MADE": made_at.astimezone(UTC).date().isoformat(),
        **({"PORTAL_SECRET_KEY_FALLBACKS": ",".join(reversed(older))} if older else {}),
    }


def forget_keys(session: boto3.Session, function: str) -> None:
    """Delete every key there was, with its history, so that no deploy brings one of them back."""
    parameters = session.client("ssm")
    for name in (_name(function), name_parameter(function)):
        with suppress(parameters.exceptions.ParameterNotFound):
            parameters.delete_parameter(Name=name)
    time.sleep(PAUSE_SECONDS)


def _name(function: str) -> str:
    return f"/{function}/secret-key"


def _keys(parameters: Any, name: str) -> list[Key]:
    """Every key there was, oldest first.

    A key is still in use after its successor was made, until that is deployed; and that has happened when
    the next but one is made.
    """
    pages = parameters.get_paginator("get_parameter_history").paginate(Name=name, WithDecryption=True)
    try:
        versions = [version for page in pages for version in page["Parameters"]]
    except parameters.exceptions.ParameterNotFound:
        return []
    ordered = sorted(versions, key=lambda version: version["Version"])
    replaced = [each["LastModifiedDate"] for each in ordered[2:]] + [None, None]
    return [
        Key(each["Value"], each["LastModifiedDate"], when)
        for each, when in zip(ordered, replaced, strict=False)
    ]


def _deployed_key(session: boto3.Session, function: str) -> str | None:
    """The key that the function runs with; None where there is no function."""
    functions = session.client("lambda")
    try:
        found = functions.get_function_configuration(FunctionName=function)
    except functions.exceptions.ResourceNotFoundException:
        return None
    variables = found.get("Environment", {}).get("Variables", {})
    return read_secrets(session, variables).get("PORTAL_SECRET_KEY", "")


def _needed(session: boto3.Session, keys: Sequence[Key], use: Use, now: datetime) -> list[str]:
    """The keys that a link may still need, oldest first, the newest among them."""
    longest = timedelta(days=use.share_days + 1)  # a share ends with its last day, in its sender's zone
    old = [each for each in keys if each.replaced_at and each.replaced_at + longest < now]
    ids = {LinkKeys.from_secrets([each.value]).current_id: each.value for each in old}
    used = {ids[each] for each in _key_ids_in_use(session, use.table, list(ids), now)} if ids else set()
    return [each.value for each in keys if each not in old or each.value in used]


def _key_ids_in_use(session: boto3.Session, table: str, ids: Sequence[str], now: datetime) -> Iterator[str]:
    """Those of the keys that links of shares not over were made with. Reads the whole table, so it is done
    only where a key has come of age.
    """
    if not table:
        return
    values = {f":id{number}": {"S": each} for number, each in enumerate(ids)}
    pages = (
        session.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=table,
            FilterExpression=f"#key IN ({', '.join(values)}) AND #share.#ends > :now",
            ProjectionExpression="#key",
            ExpressionAttributeNames={"#key": "key_id", "#share": "share", "#ends": "expires_at"},
            ExpressionAttributeValues={**values, ":now": {"S": moment(now)}},
        )
    )
    for page in pages:
        yield from (item["key_id"]["S"] for item in page["Items"])
