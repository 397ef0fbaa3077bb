"""`make run`: the portal on embedded AWS, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from infrastructure.stack import StackFailed
from portal.local.processes import CannotStart
from portal.local.session import LocalPortal, local_portal
from portal.local.settings import read_given_settings

FOLDER = Path(".local")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make run")
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
    ):  # SIGINT too: a shell's background jobs start with it ignored
        signal.signal(number, _interrupt)
    settings, sentences = read_given_settings(os.environ)
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    try:
        with local_portal(FOLDER, port, settings) as portal:
            print(welcome(portal), flush=True)
            return _watch(portal)
    except (CannotStart, StackFailed) as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Files and shares are kept; `make clean` forgets them.")
        return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _watch(portal: LocalPortal) -> int:
    """Returns only when a child has died by itself."""
    try:
        while True:
            for child in portal.children:
                if not child.running:
                    print(f"{child.module} has ended by itself; {child.log} says why.", file=sys.stderr)
                    return 1
            time.sleep(0.5)
    finally:
        # From here everything is being ended in order; an impatient second Ctrl-C must not cut that short.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


def welcome(portal: LocalPortal) -> str:
    people = "\n".join(
        f"    {person.name:<13} {person.email:<22} {person.password}" for person in portal.people
    )
    return (
        f"\n  The portal is at      {portal.url}\n"
        f"  Emails it sends are at {portal.url}/local/outbox\n\n"
        f"  Who can sign in:\n{people}\n\n"
        f"  Logs are in {FOLDER}/. Ctrl-C stops everything; files and shares are kept until `make clean`."
    )


if __name__ == "__main__":
    sys.exit(main())
