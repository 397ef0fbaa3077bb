"""Take a stage down: `make destroy STAGE=pilot`. What people own stays, and it says where.

Removes the function, its API and the stacks. Files, facts, the audit log, accounts, logs, the secret key, the
sender of emails and the budget stay in the account, and cost what they cost. Asks for the stage's name; a
program gives it as `--confirm`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from cfnlint.decode import cfn_yaml

from infrastructure.adoption import describe_adoption
from infrastructure.change_sets import Declined
from infrastructure.commands import make_parser, open_stage
from infrastructure.consent import require_consent
from infrastructure.failures import CommandFailed, end_with_a_sentence
from infrastructure.function import read_tags, run_zappa, zappa_settings
from infrastructure.package import BUILD
from infrastructure.parameters import PARAMETERS
from infrastructure.stack import API_HOST, Outputs, stack_outputs, stack_parameters
from infrastructure.stack_states import delete_stack, describe_failure, exists_stack
from infrastructure.stacks import DOMAIN, MAPPINGS, STACKS
from infrastructure.stages import Stage

HALF_MADE = "pending"  # protection, where a creation ended between its two halves
NEEDED_BY_ZAPPA = {"FunctionRoleArn", "PackagesBucket"}
TO_BE_DONE = """This takes the stage {stage} down, in {where}:
the function {function}, its API, and {stacks}.
Nobody can open a link or sign in any more. What people own stays in the account:
{kept}

So do its log /aws/lambda/{function}, its keys /{function}/secret-key in Parameter Store, the sender of its
emails in SES, and its budget, the stack {function}-costs, where there is one.
"""


def main() -> None:
    parser = make_parser("destroy", __doc__)
    parser.add_argument("--build", type=Path, default=BUILD, help="the folder to work in (build)")
    parser.add_argument("--confirm", default="", help="the stage's name, where nobody is there to ask")
    options = parser.parse_args()
    with end_with_a_sentence():
        session, stage = open_stage(options)
        destroy(session, stage, options.confirm, options.build)


def destroy(session: boto3.Session, stage: Stage, confirmed: str, build: Path) -> None:
    """Raises Declined without the stage's name, CommandFailed where a stack stays. Can be repeated."""
    stacks = [stage.stack(each.suffix) for each in STACKS if exists_stack(session, stage.stack(each.suffix))]
    if not stacks and read_tags(session, stage.function) is None:
        raise CommandFailed(f"There is nothing of the stage {stage.name} in {session.region_name}.")
    outputs = Outputs()
    parameters: dict[str, str] = {}
    for name in stacks:
        outputs |= stack_outputs(session, name)
        parameters |= stack_parameters(session, name)
    adoption = f"{describe_parameters(parameters)}\n\n{describe_adoption(outputs)}"
    account = session.client("sts").get_caller_identity()["Account"]
    print(TO_BE_DONE.format(
        stage=stage.name, where=f"{session.region_name} of the account {account}",
        function=stage.function, stacks=", ".join(stacks) or "no stack", kept=adoption
    ))  # fmt: skip
    if not confirmed:
        nobody = f'There is nobody to ask. ARGS="--confirm {stage.name}" carries this out without asking.'
        require_consent(f"Type {stage.name} to take it down", stage.name, nobody)
    elif confirmed != stage.name:
        raise Declined(f"--confirm says {confirmed}, the stage is {stage.name}. Nothing was changed.")
    # An API goes once no domain leads to it.
    first = [stage.stack(each.suffix) for each in (MAPPINGS, DOMAIN)]
    for name in [each for each in first if each in stacks]:
        _remove_stack(session, name, outputs)
    _remove_function(session, stage, outputs, build)
    for name in reversed([each for each in stacks if each not in first]):
        _remove_stack(session, name, outputs)
    print(
        f"The stage {stage.name} is down. With this in its file make deploy takes in what stays:\n{adoption}"
    )


def describe_parameters(known: Mapping[str, str]) -> str:
    """What was said of a stage, as its file says it: what differs from the templates' defaults. Not the API's
    own address, which goes with the API.
    """
    defaults = {
        name: str(one.get("Default", ""))
        for each in STACKS
        for name, one in cfn_yaml.load(str(each.template)).get("Parameters", {}).items()
    }
    own = {parameter: name for name, (parameter, _) in PARAMETERS.items()}
    lines = [
        f"{own[parameter]} = {json.dumps(value)}"
        for parameter, value in known.items()
        if parameter in own and value not in {defaults[parameter], HALF_MADE} and API_HOST not in value
    ]
    return "\n".join(["[parameters]", *lines])


def _remove_function(session: boto3.Session, stage: Stage, outputs: dict[str, str], build: Path) -> None:
    """By Zappa, which also lets go of a domain; what an earlier try left of it directly."""
    if read_tags(session, stage.function) is not None and outputs.keys() >= NEEDED_BY_ZAPPA:
        print(f"Removing {stage.function} and its API.")
        settings = zappa_settings(stage.settings, outputs, {}, str(session.region_name))
        run_zappa(session, "undeploy", stage, settings, None, build)
    if exists_stack(session, stage.function):
        delete_stack(session.client("cloudformation"), stage.function)
    if read_tags(session, stage.function) is not None:
        session.client("lambda").delete_function(FunctionName=stage.function)


def _remove_stack(session: boto3.Session, name: str, outputs: dict[str, str]) -> None:
    """The bucket of packages is emptied first: nothing in it is anybody's, and only empty ones can go."""
    client: Any = session.client("cloudformation")
    print(f"Deleting the stack {name}.")
    client.update_termination_protection(StackName=name, EnableTerminationProtection=False)
    if name.endswith(STACKS[0].suffix) and "PackagesBucket" in outputs:
        _empty_bucket(session.client("s3"), outputs["PackagesBucket"])
    final = delete_stack(client, name)
    if final != "DELETE_COMPLETE":
        raise CommandFailed(
            f"{describe_failure(client, name, final)}\nPut that right and repeat the command."
        )


def _empty_bucket(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        keys = [{"Key": each["Key"]} for each in page.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


if __name__ == "__main__":
    main()
