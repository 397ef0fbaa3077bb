"""How AWS is called: clients with time-outs and few tries, and its failures in the portal's words (R59, R60).

boto3 makes the clients. What it leaves to botocore, on which it is built, is taken from there: the clients'
configuration and the exceptions that they raise.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from portal import aws_calls, deadline
from portal.domain.errors import Unavailable

# One call by itself; the deadline of the work under way cuts its last tries (R59, I10).
READ_SECONDS = 5
TIMES: dict[str, Any] = {
    "connect_timeout": 2,
    "read_timeout": READ_SECONDS,
    "retries": {"mode": "standard", "total_max_attempts": 3},
    "max_pool_connections": 50,
    # The SDK puts its own together twice a call, which is a fifth of a call's processor time.
    "user_agent": "file-sharing-portal",
}
# The SDK would send an email again whose answer was lost; whether it may be is for the outbox to say (R75).
ONE_TRY: dict[str, Any] = {"retries": {"mode": "standard", "total_max_attempts": 1}}
THROTTLES = {
    "ThrottlingException",
    "TooManyRequestsException",  # Athena's
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "SlowDown",
}
RETRYABLE_CODES = THROTTLES | {
    "TransactionInProgressException",
    "TransactionConflictException",
    "InternalServerError",
    "InternalError",
    "ServiceUnavailable",
    "503",
    "500",
}
# What DynamoDB's description calls items and the values in them, in what is sent and what comes back.
ITEMS = {
    "AttributeValue", "AttributeMap", "Key", "PutItemInputAttributeMap", "ExpressionAttributeValueMap",
}  # fmt: skip
making = Lock()


@cache
def session() -> boto3.Session:
    """Whose keys and which region: found once, as the SDK's standard configuration says."""
    return boto3.Session()


class Clients:
    """The service clients, each made when first needed: a service description is dear to parse.

    S3 signs with version 4 on the regional virtual host, in us-east-1 too, so that a browser is never
    redirected (T11); an endpoint of its own, such as a stand-in, is addressed by path.
    """

    def __init__(self, region: str, s3_endpoint_url: str = "") -> None:
        self.region = region
        self.s3_endpoint_url = s3_endpoint_url
        self.made: dict[str, Any] = {}

    def get(self, service: str) -> Any:
        with making:
            if service not in self.made:
                make: Any = session().client
                client = make(service, region_name=self.region, config=self.config(service))
                client.meta.events.register("before-send", cut_to_deadline)
                client.meta.events.register("needs-retry", count_try)
                if service == "dynamodb":
                    take_values_as_they_come(client)
                self.made[service] = client
            return self.made[service]

    def config(self, service: str) -> ClientConfig:
        if service == "sesv2":
            return ClientConfig(**TIMES | ONE_TRY)
        if service != "s3":
            return ClientConfig(**TIMES)
        style = "path" if self.s3_endpoint_url else "virtual"
        options: Any = {"addressing_style": style, "us_east_1_regional_endpoint": "regional"}
        return ClientConfig(**TIMES, signature_version="s3v4", s3=options)


@cache
def clients(region: str, s3_endpoint_url: str = "") -> Clients:
    """The process's clients: making them twice would cost a description's parsing twice."""
    return Clients(region, s3_endpoint_url)


def forget() -> None:
    """Forget clients and whose keys they use; for who changes the environment under a running process."""
    session.cache_clear()
    clients.cache_clear()


def take_values_as_they_come(client: Any) -> None:
    """Have the SDK hand on items as JSON has them, by the service description's own word for that
    ("document"). It would take each value apart by ten kinds, which was a third of a list's processor time,
    to come to the same: only bytes are written otherwise in JSON, and the portal keeps none.
    """
    shapes = client.meta.service_model._service_description["shapes"]
    for name in ITEMS & shapes.keys():
        shapes[name] = {"type": "structure", "members": {}, "document": True}


def cut_to_deadline(request: Any, **_: Any) -> None:
    """Let a try wait no longer than the work under way may still take; begin none once that is over (the
    SDK's event before each try).
    """
    request.context["read_timeout"] = deadline.cut(READ_SECONDS)


def count_try(response: Any, **_: Any) -> None:
    """Count one try of a call, and whether it was put off (the SDK's event after each try). response: that of
    HTTP and the answer in it; None where there was none. Returns nothing, so that the SDK decides alone.
    """
    count = aws_calls.current()
    count.made += 1
    if response and (response[0].status_code in {429, 503} or error_code(response[1]) in THROTTLES):
        count.throttled += 1


@contextmanager
def plain_failures() -> Iterator[None]:
    """Turn a service that does not answer, or asks to come back later, into Unavailable."""
    try:
        yield
    except ClientError as error:
        if code(error) in RETRYABLE_CODES or status(error) >= 500:
            raise Unavailable() from error
        raise
    except (ConnectionError, HTTPClientError) as error:
        raise Unavailable() from error


def code(error: ClientError) -> str:
    return error_code(error.response)


def error_code(answer: Any) -> str:
    return str(answer.get("Error", {}).get("Code", ""))


def status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
