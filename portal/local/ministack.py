"""Embedded AWS: MiniStack as a child process on loopback, with signatures and policies enforced.

    with MiniStack(Path(".local/aws")) as aws:
        aws.session().client("s3")  # as the account's root
        subprocess.run([...], env=aws.role_environment(role_arn))

State is kept in the folder and is there again next time, as long as MiniStack is stopped gently: it writes
DynamoDB down when it ends. Run as a module it *is* MiniStack, and ends when its parent does.
"""

from __future__ import annotations

import os
import secrets
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3

from portal.local.access_logs import write_access_logs
from portal.local.first_passwords import lengthen_first_passwords
from portal.local.groups_at_refresh import name_groups_at_refresh
from portal.local.processes import Child, accepts_connections, end_with_parent, free_port, lock
from portal.local.versioned_reads import read_versions_as_s3_does

REGION = "eu-central-1"
ACCOUNT = "000000000000"


class LocalSession(boto3.Session):
    """A session whose clients all go to one endpoint, whatever the environment says."""

    def __init__(self, endpoint: str, **settings: Any) -> None:
        super().__init__(**settings)
        self._endpoint = endpoint

    def client(self, service_name: str, **settings: Any) -> Any:  # type: ignore[override]
        make: Any = super().client
        return make(service_name, endpoint_url=self._endpoint, **settings)


class MiniStack:
    """A context manager. `state` is the folder that survives; `port` 0 takes a free one."""

    def __init__(self, state: Path, port: int = 0) -> None:
        self.state = state.absolute()
        self.port = port or free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        # MiniStack does not check the signature of its root key's headers, so the secret guards nothing.
        # Being random, it cannot be a key of anything else either.
        self.root_keys = {
            "aws_access_key_id": "AKIALOCALROOT",
            "aws_secret_access_key": secrets.token_hex(20),
        }

    @property
    def root_environment(self) -> dict[str, str]:
        """For a program that acts as the account's root, as a deployer does."""
        return {
            **_without_aws(),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **{name.upper(): value for name, value in self.root_keys.items()},
        }

    def role_environment(self, role_arn: str) -> dict[str, str]:
        """For a program that acts under a role. It names a profile rather than keys, so that botocore assumes
        the role by itself and again before the hour of its keys is over; the root key is in a file, not among
        them."""
        config = self.state / "config"
        config.write_text(
            f"[profile root]\nregion = {REGION}\n"
            f"[profile role]\nrole_arn = {role_arn}\nsource_profile = root\nregion = {REGION}\n"
        )
        credentials = self.state / "credentials"
        credentials.touch(mode=0o600)
        credentials.write_text(
            "[root]\n" + "".join(f"{key} = {value}\n" for key, value in self.root_keys.items())
        )
        return {
            **_without_aws(),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_PROFILE": "role",
            "AWS_CONFIG_FILE": str(config),
            "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        }

    def session(self) -> boto3.Session:
        """The root's."""
        return LocalSession(self.endpoint, **self.root_keys, region_name=REGION)

    def reset(self) -> None:
        """Forget everything, the stack and the people included."""
        urllib.request.urlopen(
            urllib.request.Request(f"{self.endpoint}/_ministack/reset", method="POST")
        ).close()

    def __enter__(self) -> MiniStack:
        self.state.mkdir(parents=True, exist_ok=True)
        # The child holds the lock for as long as it may still write: two on one folder would overwrite
        # each other.
        with lock(self.state) as held:
            self._child = Child(
                "portal.local.ministack",
                [],
                self._environment(),
                self.state / "ministack.log",
                keep_open=(held.fileno(),),
            )
        self._child.wait_until(lambda: accepts_connections(self.port))
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._child.stop()

    def _environment(self) -> dict[str, str]:
        return {
            **_without_aws(),
            "AUTH": "true",  # otherwise no signature and no policy is checked, and CORS is always *
            "BIND_HOST": "127.0.0.1",  # otherwise every address of this machine
            "IOT_MTLS_ENABLED": "0",  # otherwise a second port, on every address
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "localhost",
            "MINISTACK_REGION": REGION,
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.state / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.state / "s3"),
            "LOG_LEVEL": "WARNING",
            **{name.upper(): value for name, value in self.root_keys.items()},
        }


def _without_aws() -> dict[str, str]:
    """This process's environment less everything that could lead a child to a real account, or to another
    endpoint."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PORTAL_"))}


if __name__ == "__main__":
    from ministack.app import main

    read_versions_as_s3_does()
    write_access_logs()
    name_groups_at_refresh()
    lengthen_first_passwords()
    end_with_parent()
    main()
