"""How AWS is called: clients with time-outs and few tries, and its failures in the portal's words (R59, R60).

botocore itself, which is what boto3's clients are made of: the same standard configuration, a tenth less to
import on a cold start.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

import botocore.session
from botocore.config import Config as ClientConfig
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from portal.domain.errors import Unavailable

# Three tries of 2 s to connect and 5 s to answer stay under the gateway's 29 s.
TIMES: dict[str, Any] = {
    "connect_timeout": 2,
    "read_timeout": 5,
    "retries": {"mode": "standard", "total_max_attempts": 3},
    "max_pool_connections": 50,
}
AGAIN = {
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "TransactionInProgressException",
    "TransactionConflictException",
    "InternalServerError",
    "InternalError",
    "ServiceUnavailable",
    "SlowDown",
    "503",
    "500",
}
making = Lock()


@cache
def session() -> botocore.session.Session:
    return botocore.session.get_session()


class Clients:
    """The service clients, each made when first needed: a service description is dear to parse.

    S3 signs with version 4 on the regional virtual host, so that a browser is never redirected (T11); an
    endpoint of its own, such as a stand-in, is addressed by path.
    """

    def __init__(self, region: str, s3_endpoint_url: str = "") -> None:
        self.region = region
        self.s3_endpoint_url = s3_endpoint_url
        self.made: dict[str, Any] = {}

    def get(self, service: str) -> Any:
        with making:
            if service not in self.made:
                self.made[service] = session().create_client(
                    service, region_name=self.region, config=self.config(service)
                )
            return self.made[service]

    def config(self, service: str) -> ClientConfig:
        if service != "s3":
            return ClientConfig(**TIMES)
        style = "path" if self.s3_endpoint_url else "virtual"
        options: Any = {"addressing_style": style}
        return ClientConfig(**TIMES, signature_version="s3v4", s3=options)


@cache
def clients(region: str, s3_endpoint_url: str = "") -> Clients:
    """The process's clients: making them twice would cost a description's parsing twice."""
    return Clients(region, s3_endpoint_url)


def forget() -> None:
    """Forget clients and whose keys they use; for who changes the environment under a running process."""
    session.cache_clear()
    clients.cache_clear()


@contextmanager
def plain_failures() -> Iterator[None]:
    """Turn a service that does not answer, or asks to come back later, into Unavailable."""
    try:
        yield
    except ClientError as error:
        if code(error) in AGAIN or status(error) >= 500:
            raise Unavailable() from error
        raise
    except (ConnectionError, HTTPClientError) as error:
        raise Unavailable() from error


def code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
