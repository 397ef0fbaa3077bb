"""Events as AWS documents them: one JSON file each, and the few ways in which they come inside each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Event = dict[str, Any]


def load_event(name: str, **changes: Any) -> Event:
    """A recorded event, with some of its top-level fields replaced; None takes a field away."""
    event: Event = json.loads((HERE / f"{name}.json").read_text()) | changes
    return {field: value for field, value in event.items() if field not in changes or value is not None}


def mail_news(name: str, **changes: Any) -> Event:
    """What SES tells of an email, in the envelope of the topic it goes through."""
    return load_event("sns_envelope", Message=json.dumps(load_event(name, **changes)))


def object_created(key: str, bucket: str = "portal-files") -> Event:
    event = load_event("s3_object_created")
    event["Records"][0]["s3"]["object"]["key"] = key
    event["Records"][0]["s3"]["bucket"]["name"] = bucket
    return event


def batch(*bodies: Event | str) -> Event:
    """Messages as the event source mapping hands them over; their ids are their places in the batch."""
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    return {
        "Records": [load_event("sqs_message", messageId=str(at), body=body) for at, body in enumerate(texts)]
    }
