"""Send the events that failed five times through the queue again: `make redrive`. None is lost or done twice.

Every event may come twice without harm. Mend first what they failed at (`make logs`): what fails again waits
again.
"""

from __future__ import annotations

from typing import Any

from infrastructure.commands import make_parser, open_stage
from infrastructure.failures import CommandFailed, end_with_a_sentence
from infrastructure.stack import stack_outputs
from infrastructure.stack_states import pauses


def main() -> None:
    parser = make_parser("redrive", __doc__)
    options = parser.parse_args()
    with end_with_a_sentence():
        session, stage = open_stage(options)
        url = stack_outputs(session, stage.resources)["DeadLettersUrl"]
        number = redrive(session.client("sqs"), url)
        print(f"{number} events go through the queue again." if number else "There are none that failed.")


def redrive(sqs: Any, dead_letters_url: str) -> int:
    """How many were moved. Raises CommandFailed where SQS could not move them all."""
    found = sqs.get_queue_attributes(
        QueueUrl=dead_letters_url, AttributeNames=["QueueArn", "ApproximateNumberOfMessages"]
    )["Attributes"]
    if found["ApproximateNumberOfMessages"] == "0":
        return 0
    # Without a destination they go to the queues that they came from.
    sqs.start_message_move_task(SourceArn=found["QueueArn"])
    for _ in pauses():
        (task, *_older) = sqs.list_message_move_tasks(SourceArn=found["QueueArn"], MaxResults=1)["Results"]
        if task["Status"] not in {"RUNNING", "CANCELLING"}:
            break
    if task["Status"] != "COMPLETED":
        reason = task.get("FailureReason", "SQS does not say why")
        raise CommandFailed(f"Not all events could be moved ({task['Status']}: {reason}). Run it again.")
    return int(task["ApproximateNumberOfMessagesMoved"])


if __name__ == "__main__":
    main()
