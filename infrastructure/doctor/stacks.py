"""The stacks: made to their end, and still as they were made."""

from __future__ import annotations

from infrastructure.doctor.findings import Deployment, Finding, judge, unknown
from infrastructure.stack_states import COMPLETE, pauses, stack_status
from infrastructure.stacks import list_stacks


def check_stacks(deployment: Deployment) -> Finding:
    stage = deployment.stage
    found = list_stacks(deployment.client("cloudformation"), stage, stage.parameters)
    names = [stage.stack(each.suffix) for each in found]
    states = {name: stack_status(deployment.client("cloudformation"), name) for name in names}
    problems = [
        f"{name} is {state or 'not there'}" for name, state in states.items() if state not in COMPLETE
    ]
    return judge("stacks", problems, f"{len(names)} are complete", "make deploy, which says what failed")


def check_drift(deployment: Deployment) -> Finding:
    """Whether somebody changed by hand what the stacks made. Takes AWS a minute or so."""
    client, changed, unseen = deployment.client("cloudformation"), list[str](), list[str]()
    for each in list_stacks(client, deployment.stage):
        name = deployment.stage.stack(each.suffix)
        asked = client.detect_stack_drift(StackName=name)["StackDriftDetectionId"]
        for _ in pauses():
            found = client.describe_stack_drift_detection_status(StackDriftDetectionId=asked)
            if found["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                break
        if found["DetectionStatus"] == "DETECTION_FAILED":  # of some resources; of others it is known
            unseen.append(f"{name}: {found.get('DetectionStatusReason', 'AWS does not say why')}")
        drifts = client.describe_stack_resource_drifts(
            StackName=name, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"]
        )["StackResourceDrifts"]
        changed += [f"{one['LogicalResourceId']} is {one['StackResourceDriftStatus']}" for one in drifts]
    if unseen and not changed:
        return unknown("drift", "; ".join(unseen), "Look at the stack's drift in the console.")
    step = "Undo by hand what was changed by hand; the stack's drift in the console shows both."
    return judge("drift", changed, "nothing was changed by hand, as far as CloudFormation looks", step)
