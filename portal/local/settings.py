"""The settings that are given to `make run`: which count, and a sentence about each that does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from portal.config.settings import Config, secrets_parameter

T = TypeVar("T")

# So that what is left is seen: 50 GB each.
DEFAULTS = {"PORTAL_MAX_PERSON_BYTES": str(50 * 1000**3)}
# What the embedded AWS is made with, or makes.
FIXED = {
    "PORTAL_PUBLIC_URL", "PORTAL_TABLE", "PORTAL_AUDIT_TABLE", "PORTAL_FILES_BUCKET", "PORTAL_LOGS_BUCKET",
    "PORTAL_MAIL_FROM", "PORTAL_ROOTS_BUCKET",
    "PORTAL_OIDC_METADATA_URL", "PORTAL_OIDC_CLIENT_ID", "PORTAL_OIDC_CLIENT_SECRET", "PORTAL_SIGN_OUT_URL",
    "PORTAL_MAIL_CONFIGURATION_SET", "PORTAL_EVENTS_QUEUE_ARN", "PORTAL_FEEDBACK_TOPIC_ARN",
    "PORTAL_WORK_QUEUE_ARN", "PORTAL_WORK_QUEUE_URL",
    "PORTAL_DEAD_LETTERS_URL", "PORTAL_REPORTS_WORKGROUP", "PORTAL_REPORTS_DATABASE",
    "PORTAL_SECRETS_PARAMETER",
}  # fmt: skip
EXAMPLE = "https://files.example.org"


class Recorder(dict[str, str]):
    """An environment that notes which variables someone looks for."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(FIXED, EXAMPLE))
        self |= {"PORTAL_MAIL_FROM": "files@example.org", "AWS_REGION": "eu-central-1"}
        self["PORTAL_AUDIT_TABLE"] = f"{EXAMPLE}-audit"
        self |= {"PORTAL_SECRET_KEY": "0123456789abcdef" * 4}
        self.names: set[str] = set()

    def get(self, name: str, default: T = None) -> str | T:  # type: ignore[assignment]
        self.names.add(name)
        return super().get(name, default)


def list_known_settings() -> set[str]:
    """Every PORTAL_ variable that the configuration reads."""
    environ = Recorder()
    Config.from_env(environ)
    secrets_parameter(environ)
    return {name for name in environ.names if name.startswith("PORTAL_")}


def read_given_settings(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What of the environment counts, with the local portal's own defaults; and sentences about the rest."""
    given = {
        name: value for name, value in environ.items()
        if name.startswith("PORTAL_") and not name.startswith("PORTAL_TEST_")
    }  # fmt: skip
    known = list_known_settings()
    taken = {name: value for name, value in given.items() if name in known - FIXED}
    sentences = [
        f"{name} is not used: the local portal makes its own." if name in FIXED
        else f"{name} is no setting of the portal. README lists them."
        for name in sorted(given.keys() - taken.keys())
    ]  # fmt: skip
    return DEFAULTS | taken, sentences
