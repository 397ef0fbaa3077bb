"""Parameter Store, where the portal's secrets are kept, encrypted."""

from __future__ import annotations

from botocore.exceptions import ClientError

from portal.aws.client.calls import Clients, code, plain_failures


class NotReadable(Exception):
    """The parameter is not there or must not be read; the text is AWS's word for that."""


class ParameterStore:
    def __init__(self, clients: Clients) -> None:
        self.clients = clients

    def read(self, name: str) -> str:
        """A parameter's text; `name` may end with a version, as in `/portal/secrets:3`. Raises NotReadable,
        and Unavailable where Parameter Store does not answer just now.
        """
        with plain_failures():
            try:
                answer = self.clients.get("ssm").get_parameter(Name=name, WithDecryption=True)
            except ClientError as error:
                if code(error) in {"ParameterNotFound", "ParameterVersionNotFound", "AccessDeniedException"}:
                    raise NotReadable(code(error)) from error
                raise
        return str(answer["Parameter"]["Value"])
