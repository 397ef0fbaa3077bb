"""Puts right, inside the embedded AWS process, the first passwords that MiniStack 1.5.33 makes up for people
who are invited: 12 characters, whatever the pool asks for. Cognito's own conform to the pool's policy.
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
"""

from __future__ import annotations


def lengthen_first_passwords() -> None:
    """Call in MiniStack's own process, before it begins."""
    from ministack.services import cognito

    make = cognito._generate_temp_password
    cognito._generate_temp_password = lambda: make() + make()
