"""Give the portal a new secret key: `make rotate`. Links that are out still open with the keys before it."""

from __future__ import annotations

import boto3

from infrastructure.commands import make_parser, open_stage
from infrastructure.deploy import key_use
from infrastructure.failures import CommandFailed, end_with_a_sentence
from infrastructure.secret_key import secret_key_variables
from infrastructure.stack import stack_outputs
from infrastructure.stages import Stage


def main() -> None:
    options = make_parser("rotate", __doc__).parse_args()
    with end_with_a_sentence():
        session, stage = open_stage(options)
        rotate(session, stage)
        print(f"{stage.function} runs with a new secret key. Links that are out still open.")


def rotate(session: boto3.Session, stage: Stage) -> None:
    """Make a key, give it to the function and see it there. Raises StackFailed where that ended a link."""
    functions = session.client("lambda")
    try:
        found = functions.get_function_configuration(FunctionName=stage.function)
    except functions.exceptions.ResourceNotFoundException as error:
        raise CommandFailed(f"There is no function {stage.function} yet: make deploy comes first.") from error
    use = key_use(stage.settings, stack_outputs(session, stage.resources))
    keys = secret_key_variables(session, stage.function, rotate=True, use=use)
    variables = {key: value for key, value in found["Environment"]["Variables"].items()
                 if not key.startswith("PORTAL_SECRET_KEY")} | keys  # fmt: skip
    functions.update_function_configuration(FunctionName=stage.function, Environment={"Variables": variables})
    functions.get_waiter("function_updated_v2").wait(FunctionName=stage.function)
    found = functions.get_function_configuration(FunctionName=stage.function)
    if found["Environment"]["Variables"]["PORTAL_SECRET_KEY"] != keys["PORTAL_SECRET_KEY"]:
        raise CommandFailed(f"{stage.function} does not run with the new key: make deploy brings it there.")


if __name__ == "__main__":
    main()
