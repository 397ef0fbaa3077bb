"""Show what the function logged: `make logs`, or `make logs ARGS="--minutes 600 --errors"`. One line each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3

from infrastructure.commands import make_parser, open_stage
from infrastructure.failures import CommandFailed, end_with_a_sentence
from infrastructure.stages import Stage

ERRORS = '{ $.level = "ERROR" || $.level = "CRITICAL" }'


def main() -> None:
    parser = make_parser("logs", __doc__)
    parser.add_argument("--minutes", type=int, default=60, help="how far back (60)")
    parser.add_argument("--errors", action="store_true", help="errors alone")
    parser.add_argument("--filter", default="", help="a filter pattern of CloudWatch Logs")
    options = parser.parse_args()
    with end_with_a_sentence():
        session, stage = open_stage(options)
        since = datetime.now(UTC) - timedelta(minutes=options.minutes)
        for line in read_log(session, stage, since, ERRORS if options.errors else options.filter):
            print(line)


def read_log(session: boto3.Session, stage: Stage, since: datetime, pattern: str = "") -> Iterator[str]:
    """Oldest first."""
    logs = session.client("logs")
    wanted = {"filterPattern": pattern} if pattern else {}
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/aws/lambda/{stage.function}", startTime=int(since.timestamp() * 1000), **wanted
    )
    try:
        for page in pages:
            yield from (format_line(each["timestamp"], each["message"]) for each in page["events"])
    except logs.exceptions.ResourceNotFoundException as error:
        raise CommandFailed(f"{stage.function} has logged nothing yet.") from error


def format_line(milliseconds: int, message: str) -> str:
    """Time, level, words, the request's id and what went wrong; lines that are not ours as they are."""
    when = f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S}"
    try:
        fields = json.loads(message)
        words = [fields["level"].ljust(8), str(fields["message"])]
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{when} {message.rstrip()}"
    details = [f"{name}={fields[name]}" for name in ("correlation_id", "exception_name") if fields.get(name)]
    return " ".join([when, *words, *details])


if __name__ == "__main__":
    main()
