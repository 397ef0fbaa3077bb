"""AWS in process as most tests meet it: moto's S3 and SES, put back to when they held the portal's resources
and nothing else, and the table in memory.

Starting moto and making the resources for each test would take more time than most tests themselves.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple
from unittest.mock import patch

from botocore.handlers import BUILTIN_HANDLERS
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.config import default_user_config
from moto.core.models import botocore_stubber
from moto.s3.models import s3_backends
from moto.ses.models import ses_backends
from moto.sesv2.models import sesv2_backends

from portal.config.settings import Config
from tests.builders import make_environment, make_resources, table_properties
from tests.dynamodb.tables import Table
from tests.dynamodb.wire import WIRE, MemoryDynamoDB, in_memory

# What moto leaves to the table in memory.
BESIDE: Any = {"core": {"passthrough": {"services": ["dynamodb"], "urls": []}}}
KEYS = {"AWS_ACCESS_KEY_ID": "in-process", "AWS_SECRET_ACCESS_KEY": "in-process"}


class Resources(NamedTuple):
    """What moto holds of the portal's resources."""

    buckets: dict[str, Any]
    identities: dict[str, Any]


def leave_to_memory(event_name: str, **details: Any) -> Any:
    """Ask moto, but not about what memory has answered: it compares an address with those of every service,
    which takes longer than memory's own answer.
    """
    if WIRE.database is not None and event_name.startswith("before-send.dynamodb."):
        return None
    return botocore_stubber(event_name=event_name, **details)


BUILTIN_HANDLERS[BUILTIN_HANDLERS.index(("before-send", botocore_stubber))] = ("before-send", leave_to_memory)


@cache
def make_once() -> Resources:
    """Made by the calls that make them, once a process."""
    config = Config.from_env(make_environment())
    with mock_aws(config=BESIDE), in_memory():
        make_resources(config)
        s3 = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        ses = ses_backends[DEFAULT_ACCOUNT_ID][config.region]
        return Resources(copy.deepcopy(s3.buckets), copy.deepcopy(ses.email_identities))


@contextmanager
def quick_aws() -> Iterator[MemoryDynamoDB]:
    """Everything in process, empty but for the portal's table, buckets and sender."""
    resources, config = make_once(), Config.from_env(make_environment())
    with patch.dict(default_user_config, BESIDE), patch.dict("os.environ", KEYS), in_memory() as database:
        reset()
        database.tables[config.table] = Table.create(table_properties())
        database.tables[config.audit_table] = Table.create(table_properties("AuditTable"))
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets = copy.deepcopy(resources.buckets)
        ses = ses_backends[DEFAULT_ACCOUNT_ID][config.region]
        ses.email_identities = copy.deepcopy(resources.identities)
        botocore_stubber.enabled = True
        try:
            yield database
        finally:
            botocore_stubber.enabled = False
            reset()


def reset() -> None:
    for backends in (s3_backends, ses_backends, sesv2_backends):
        backends.reset()
