"""What a page shows that can be read together with the session of who asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Beside(StrEnum):
    """Known by who asks, or by an id in the page's address; the value is then that id's name there."""

    PROFILE = "profile"
    USAGE = "usage"
    DRAFT_COUNT = "draft_count"
    KNOWN_DOMAINS = "known_domains"
    MAIL_COUNT = "mail_count"
    ORGANISATION_GROUPS = "organisation_groups"
    FILE = "file_id"
    DRAFT = "draft_id"
    FOLLOWED_SHARE = "share_id"


NOTHING: Mapping[Beside, str] = MappingProxyType({})
