"""Where days' roots of the audit log are kept: a bucket whose Object Lock lets nobody replace or delete them.

How long they are locked is the bucket's own default retention, which this role can neither set nor shorten.
"""

from __future__ import annotations

import json

from botocore.exceptions import ClientError

from portal.aws.client.calls import Clients, code, plain_failures
from portal.domain.audit.seals import DayRoot

PREFIX = "audit-roots/"


class RootStore:
    def __init__(self, clients: Clients, bucket: str) -> None:
        self.clients = clients
        self.bucket = bucket

    def store(self, root: DayRoot) -> None:
        """What is there already was written by a worker that was stopped behind it: a day's root is made
        once, and stored only as it was made.
        """
        try:
            with plain_failures():
                self.clients.get("s3").put_object(
                    Bucket=self.bucket,
                    Key=f"{PREFIX}{root.day}.json",
                    Body=json.dumps(root.describe(), indent=1).encode(),
                    ContentType="application/json",
                    ChecksumAlgorithm="SHA256",  # Object Lock wants one
                    IfNoneMatch="*",
                )
        except ClientError as error:
            if code(error) != "PreconditionFailed":
                raise
