"""The queues and what fetches from them, as AWS's own pages ask for it."""

from __future__ import annotations

from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from infrastructure.stacks import MAPPINGS
from infrastructure.stages import read_stage
from portal.workflows.upkeep.planning import LANES

Resources = dict[str, Any]


@pytest.mark.requirement("R58", "R65")
@pytest.mark.parametrize("queue", ["EventsQueue", "WorkQueue"])
def test_no_event_is_lost_in_silence(resources: Resources, queue: str) -> None:
    """What fails five times is kept apart; test_monitoring.py has the alarm."""
    policy = resources[queue]["Properties"]["RedrivePolicy"]
    assert "DeadLetters" in str(policy["deadLetterTargetArn"])
    assert policy["maxReceiveCount"] >= 5  # "Configuring an Amazon SQS event source mapping"


@pytest.mark.requirement("R58", "R59")
@pytest.mark.parametrize("queue", ["EventsQueue", "WorkQueue"])
def test_a_message_is_away_for_six_times_as_long_as_a_call(resources: Resources, queue: str) -> None:
    """ "Configuring a queue to use with Lambda": room to try again while the function is throttled."""
    timeout = read_stage("production").settings["timeout_seconds"]
    assert resources[queue]["Properties"]["VisibilityTimeout"] >= 6 * timeout


@pytest.mark.requirement("R58")
def test_each_queue_has_a_mapping_with_a_maximum_and_partial_answers() -> None:
    """MaximumConcurrency is 2 to 1,000 ("AWS::Lambda::EventSourceMapping ScalingConfig")."""
    template = cfn_yaml.load(str(MAPPINGS.template))
    mappings = [each["Properties"] for each in template["Resources"].values()]
    assert sorted(each["EventSourceArn"]["Ref"] for each in mappings) == ["EventsQueueArn", "WorkQueueArn"]
    for each in mappings:
        assert each["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        most = template["Parameters"][each["ScalingConfig"]["MaximumConcurrency"]["Ref"]]
        assert (most["MinValue"], most["MaxValue"]) == (2, 1000)
    sizes = {each["EventSourceArn"]["Ref"]: each["BatchSize"] for each in mappings}
    assert sizes == {"EventsQueueArn": 10, "WorkQueueArn": 1}
    assert template["Parameters"]["WorkConcurrency"]["Default"] >= len(LANES)
