"""Make someone an administrator of a deployed portal: `make admin ADDRESS=ana@example.org`.

Puts the account with this address into the administrators' group of the stack's user pool; where there is
none yet, it is invited by email first. Says what it did. Safe to repeat.
"""

from __future__ import annotations

import sys
from typing import Any

from infrastructure.commands import make_parser, open_stage
from infrastructure.failures import end_with_a_sentence
from infrastructure.stack import stack_outputs, stack_parameters


def main() -> None:
    parser = make_parser("admin", __doc__)
    parser.add_argument("address", help="the email address of who is to administer the portal")
    options = parser.parse_args()
    with end_with_a_sentence():
        session, stage = open_stage(options)
        pool = stack_outputs(session, stage.resources)["UserPool"]
        group = stack_parameters(session, stage.resources).get("AdminGroup", "admins")
        print("\n".join(make_admin(session.client("cognito-idp"), pool, group, options.address)))


def make_admin(cognito: Any, pool: str, group: str, address: str) -> list[str]:
    """What was done, in sentences."""
    address = address.strip()
    if "@" not in address.strip("@"):
        sys.exit(f"{address!r} is no email address: make admin ADDRESS=ana@example.org")
    account, said = {"UserPoolId": pool, "Username": address}, list[str]()
    try:
        found = cognito.admin_get_user(**account)
        account["Username"] = found["Username"]
        if not found.get("Enabled", True):
            said.append(f"The account of {address} is disabled: enable it, or nobody can sign in with it.")
    except cognito.exceptions.UserNotFoundException:
        attributes = [{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"}]
        made = cognito.admin_create_user(
            **account, UserAttributes=attributes, DesiredDeliveryMediums=["EMAIL"]
        )
        account["Username"] = made["User"]["Username"]
        said.append(f"Invited {address}: an email with a first password is on its way.")
    groups = cognito.admin_list_groups_for_user(**account)["Groups"]
    if group in {each["GroupName"] for each in groups}:
        return [*said, f"{address} was an administrator already, in the group {group} of {pool}."]
    cognito.admin_add_user_to_group(**account, GroupName=group)
    said.append(f"{address} is now in the group {group} of {pool}.")
    return [*said, "It counts from the next sign-in, or within 15 minutes."]


if __name__ == "__main__":
    main()
