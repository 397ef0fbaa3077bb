"""The organisation's webhooks, by the views of one's own."""

from __future__ import annotations

from portal.web.api.webhooks import (
    change,
    create,
    delete,
    list_deliveries,
    list_own,
    rotate,
    send_again,
    show,
    show_delivery,
    test,
)

__all__ = [
    "change", "create", "delete", "list_deliveries", "list_own", "rotate", "send_again", "show",
    "show_delivery", "test",
]  # fmt: skip
