"""Events: they are fetched, none is stuck, the minute's tick comes, and somebody hears of alarms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cfnlint.decode import cfn_yaml

from infrastructure.doctor.findings import Deployment, Finding, judge, right, unknown, wrong
from infrastructure.stack import MONITORING
from portal.engine.metrics import NAMESPACE, Metric

# The schedule comes once a minute; metrics are a few minutes behind.
TICK = timedelta(minutes=10)
SETTLING = {"Creating", "Enabling", "Updating"}


def check_event_source(deployment: Deployment) -> Finding:
    """Of each queue: one mapping, which is enabled."""
    not_yet = list[str]()
    for queue in ("EventsQueueArn", "WorkQueueArn"):
        sources = deployment.client("lambda").list_event_source_mappings(
            FunctionName=deployment.stage.function, EventSourceArn=deployment.outputs[queue]
        )["EventSourceMappings"]
        states = ", ".join(each["State"] for each in sources) or "none"
        said = f"of the {queue.removesuffix('QueueArn').lower()} queue: {states}"
        if len(sources) == 1 and states in SETTLING:
            not_yet.append(said)
        elif states != "Enabled":
            return wrong("event source", said, "make deploy")
    if not_yet:
        return unknown("event source", "; ".join(not_yet), "Look again in two minutes.")
    return right("event source", "the function fetches from both queues")


def check_dead_letters(deployment: Deployment) -> Finding:
    counted = deployment.client("sqs").get_queue_attributes(
        QueueUrl=deployment.outputs["DeadLettersUrl"], AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]
    number = int(counted["ApproximateNumberOfMessages"])
    stuck = [f"{number} events failed five times"] if number else []
    return judge("dead letters", stuck, "none", "make logs, mend what they fail at, then make redrive")


def check_last_tick(deployment: Deployment) -> Finding:
    now = datetime.now(UTC)
    points = deployment.client("cloudwatch").get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=Metric.SWEEP_LAG.title,
        Dimensions=[{"Name": "service", "Value": deployment.stage.function}],
        StartTime=now - TICK,
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["SampleCount"],
    )["Datapoints"]
    if not points:
        return wrong(
            "last tick",
            "the schedule has not come for ten minutes",
            "Just deployed: wait ten minutes. Otherwise docs/runbook.md, 'schedule-missing'.",
        )
    return right("last tick", f"at {max(each['Timestamp'] for each in points):%H:%M} UTC")


def name_alarms(function: str) -> list[str]:
    """Every alarm that a stage may have."""
    resources = cfn_yaml.load(str(MONITORING))["Resources"].values()
    names = [one["Properties"]["AlarmName"]["Fn::Sub"] for one in resources
             if one["Type"] == "AWS::CloudWatch::Alarm"]  # fmt: skip
    return [str(each).replace("${FunctionName}", function) for each in names]


def check_alarms(deployment: Deployment) -> Finding:
    """Those of the template by name: what begins with the function's name may be another stage's."""
    pages = deployment.client("cloudwatch").get_paginator("describe_alarms")
    names = name_alarms(deployment.stage.function)
    alarms = [each for page in pages.paginate(AlarmNames=names) for each in page["MetricAlarms"]]
    ringing = [each["AlarmName"] for each in alarms if each["StateValue"] == "ALARM"]
    if not alarms:
        return wrong("alarms", "there are none", "make deploy")
    return judge("alarms", ringing, f"{len(alarms)}, none ringing", "docs/runbook.md has a section on each.")


def check_alarm_subscription(deployment: Deployment) -> Finding:
    identity = deployment.client("sts").get_caller_identity()
    arn = f"arn:{identity['Arn'].split(':')[1]}:sns:{deployment.session.region_name}"
    topic = f"{arn}:{identity['Account']}:{deployment.stage.function}-alarms"
    found = deployment.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    if not found:
        return wrong("alarm subscription", "nobody hears of alarms", "make deploy ALARM=you@example.org")
    waiting = [f"{each['Endpoint']} has not confirmed" for each in found
               if not each["SubscriptionArn"].startswith("arn:")]  # fmt: skip
    heard = ", ".join(each["Endpoint"] for each in found)
    step = "Open the link in the email 'AWS Notification - Subscription Confirmation'."
    return judge("alarm subscription", waiting, heard, step)
