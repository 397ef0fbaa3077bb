"""Reading the bucket's access logs, which S3 writes into a bucket of their own."""

from __future__ import annotations

from collections.abc import Iterator

from portal.aws.client.calls import Clients, plain_failures


class AccessLogs:
    def __init__(self, clients: Clients, bucket: str) -> None:
        self.clients = clients
        self.bucket = bucket

    def lines(self, key: str) -> Iterator[str]:
        """The lines of one log object, as they come; what is no UTF-8 is replaced."""
        with plain_failures():
            body = self.clients.get("s3").get_object(Bucket=self.bucket, Key=key)["Body"]
            for line in body.iter_lines():
                yield line.decode("utf-8", "replace")
