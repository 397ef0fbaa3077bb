"""What became of an email, as SES tells it through SNS ("Contents of event data that Amazon SES publishes").

No signature is checked: the template lets only the topic write such messages to the queue, and they are taken
only where they name that topic. Nothing in them is followed: no address, no subscription (R55, T15).
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from portal.events.event_context import EventContext, Message
from portal.workflows.mail import mail_jobs

# Sub types of bounces that never left SES: the address is on its list, or on the account's.
HELD_BACK = {"Suppressed", "OnAccountSuppressionList"}

log = logging.getLogger(__name__)


def is_envelope(message: Message) -> bool:
    """Whether it is what SNS puts into a queue, or hands to a function."""
    return "TopicArn" in message and "Type" in message


def take(envelope: Message, delivery: EventContext) -> None:
    topic = delivery.sources.feedback_topic
    if not topic or envelope["TopicArn"] != topic or envelope["Type"] != "Notification":
        log.warning("refused what is not mail feedback", extra={"topic": envelope["TopicArn"]})
        return
    event = json.loads(envelope["Message"])
    news = news_of(event)
    if news:
        kind, at, detail = news
        mail_jobs.record_feedback(delivery.services, kind, event["mail"]["messageId"], at, detail)


def news_of(event: dict[str, Any]) -> tuple[str, datetime, str] | None:
    """Kind, time and reason; None where the email's state does not change by it (sent, delayed)."""
    kind = event.get("eventType") or event.get("notificationType")
    if kind == "Delivery":
        return "delivery", moment(event["delivery"]), ""
    if kind == "Complaint":
        return "complaint", moment(event["complaint"]), event["complaint"].get("complaintFeedbackType") or ""
    if kind == "Reject":  # accepted, then held back for a virus: it never left, and the address is fine
        return "rejected", moment(event["mail"]), event["reject"].get("reason") or ""
    if kind == "Bounce" and not is_out_of_office(event["bounce"]):
        return classify_bounce(event["bounce"]), moment(event["bounce"]), reason(event["bounce"])
    return None


def classify_bounce(bounce: dict[str, Any]) -> str:
    """Whether SES held the email back by its own list, or it came back for good, or for now only."""
    if bounce.get("bounceSubType") in HELD_BACK:
        return "held"
    return "bounce" if bounce.get("bounceType") == "Permanent" else "soft_bounce"


def is_out_of_office(bounce: dict[str, Any]) -> bool:
    """SES reports automatic replies, too, as bounces of this kind; the email did arrive."""
    return (bounce.get("bounceType"), bounce.get("bounceSubType")) == ("Transient", "General")


def reason(bounce: dict[str, Any]) -> str:
    """What the other side answered, or SES's own words for it."""
    answers = [each.get("diagnosticCode") for each in bounce.get("bouncedRecipients", [])]
    return next(filter(None, answers), f"{bounce.get('bounceType')} {bounce.get('bounceSubType')}")


def moment(part: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(part["timestamp"]).astimezone(UTC)
