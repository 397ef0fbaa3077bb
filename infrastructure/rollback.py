"""Bring back the code of an earlier version: `make rollback`, or `make rollback ARGS="--to 7"`.

Stacks, settings and the secret key stay as they are, so it is for a new version that does not work. Zappa's
own rollback ends well where there is nothing to go back to. A second one goes forward again.
"""

from __future__ import annotations

from typing import Any

import boto3
import requests

from infrastructure.commands import make_parser, open_stage
from infrastructure.failures import CommandFailed, end_with_a_sentence
from infrastructure.function import DEPLOYED
from infrastructure.stages import Stage

SECONDS = 60  # for 30 MB


def main() -> None:
    parser = make_parser("rollback", __doc__)
    parser.add_argument("--to", default="", help="a version's number (the one before the last)")
    options = parser.parse_args()
    with end_with_a_sentence():
        session, stage = open_stage(options)
        version = roll_back(session, stage, options.to)
        print(f"{stage.function} runs the code of version {version} again. make doctor looks at it.")


def roll_back(session: boto3.Session, stage: Stage, wanted: str = "") -> str:
    """The version whose code runs now. Raises CommandFailed where it is not kept.

    The tag that says what was deployed goes, so that the next deploy brings its package whatever it is.
    """
    functions = session.client("lambda")
    version = choose_version(functions, stage.function, wanted)
    kept = functions.get_function(FunctionName=stage.function, Qualifier=version)
    try:
        answer = requests.get(kept["Code"]["Location"], timeout=SECONDS)
    except requests.RequestException as error:
        raise CommandFailed(
            f"The code of version {version} could not be fetched ({type(error).__name__}): is this machine"
            " online?"
        ) from error
    if answer.status_code != 200:
        raise CommandFailed(f"The code of version {version} could not be fetched ({answer.status_code}).")
    functions.update_function_code(FunctionName=stage.function, ZipFile=answer.content, Publish=True)
    functions.get_waiter("function_updated_v2").wait(FunctionName=stage.function)
    arn = functions.get_function_configuration(FunctionName=stage.function)["FunctionArn"]
    functions.untag_resource(Resource=arn, TagKeys=[DEPLOYED])
    return version


def choose_version(functions: Any, function: str, wanted: str) -> str:
    """The one that was asked for, or the newest whose code is another than what runs now. Code runs only on
    the Python and the processor that it was made for, and these stay.
    """
    try:
        running = functions.get_function_configuration(FunctionName=function)
    except functions.exceptions.ResourceNotFoundException as error:
        raise CommandFailed(f"There is no function {function}: make deploy makes it.") from error
    pages = functions.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    kept = {each["Version"]: each for page in pages for each in page["Versions"]}
    numbers = sorted((each for each in kept if each != "$LATEST"), key=int, reverse=True)
    fitting = [each for each in numbers if _made_for(kept[each]) == _made_for(running)]
    other = [each for each in fitting if kept[each]["CodeSha256"] != running["CodeSha256"]]
    if wanted and wanted not in numbers:
        raise CommandFailed(f"There is no version {wanted}; kept are {', '.join(numbers) or 'none'}.")
    if wanted and wanted not in fitting:
        made, runs = _made_for(kept[wanted]), _made_for(running)
        raise CommandFailed(f"Version {wanted} was made for {made}, and {function} runs on {runs}.")
    if not wanted and not other:
        raise CommandFailed("There is no earlier version to go back to: none with other code is kept.")
    return wanted or other[0]


def _made_for(version: dict[str, Any]) -> str:
    return f"{version['Runtime']} on {version.get('Architectures', ['x86_64'])[0]}"


if __name__ == "__main__":
    main()
