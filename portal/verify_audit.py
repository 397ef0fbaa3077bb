"""`python -m portal.verify_audit EXPORT.jsonl [--seals SEALS.jsonl] [--roots FILE...]`: whether an exported
audit log is as it was sealed; with `--proof PROOF.json` instead, whether one record is. Works on files alone,
without AWS and without the portal's configuration.

Exit code 0: everything is as it was sealed; 1: something was changed, and the first of it is named; 2:
nothing could be compared. docs/audit.md says what the files are and what this proves.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from portal.domain.audit.chain import Break, Chain, ChainFinding, read_chain
from portal.domain.audit.proof import read_proof
from portal.domain.audit.seals import time_of
from portal.domain.audit.verification import Comparison, Finding, Tampering, find_tampering, iterate_records

CHAIN_WORDS = {
    Break.MALFORMED: "A seal or a day's root cannot be read.",
    Break.REPEATED: "Seal {number} of shard {shard} is there twice.",
    Break.MISSING: "Seal {number} of shard {shard} is missing.",
    Break.NOT_LINKED: "Seal {number} of shard {shard} was changed: the seal after it names another one.",
    Break.OTHER_LEAVES: "Seal {number} of shard {shard} was made over other records than its list says.",
    Break.NO_LEAVES: "The list of the records of seal {number} of shard {shard} is missing.",
    Break.OTHER_HEAD: "Seal {number} of shard {shard} is not the one that sealing had come to.",
    Break.ROOT_CHANGED: "The root of {day} was changed, or the one after it.",
    Break.OTHER_ROOT: "Seal {number} of shard {shard} is not the one that the root of {day} names.",
}
WORDS = {
    Tampering.CHANGED: "The record of {time}{action} was changed after it was sealed.",
    Tampering.REMOVED: "A record of {time} was removed after it was sealed.",
    Tampering.ADDED: (
        "The record of {time}{action} was added: no seal has it, although that time was sealed. (A record "
        "that was written down late is sealed within minutes; then a new export has it in a seal.)"
    ),
    Tampering.MOVED: "A record was moved between {time} and {other}{action}.",
}


class Unreadable(Exception):
    """A file that is not what it should be."""


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parse_arguments(arguments)
    try:
        if asked.proof:
            return verify_proof(asked.proof)
        return verify(asked.export, asked.seals, asked.roots)
    except (Unreadable, OSError) as problem:
        sys.stderr.write(f"Nothing was compared: {problem}\n")
        return 2


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m portal.verify_audit", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "export", type=Path, nargs="?", help="the records, as JSON lines; seals may be among them"
    )
    what.add_argument("--proof", type=Path, help="the proof of one record, as its page offers it")
    parser.add_argument("--seals", type=Path, help="the seals, as JSON lines")
    parser.add_argument("--roots", type=Path, nargs="+", default=[], help="roots of days, one JSON file each")
    return parser.parse_args(arguments)


def verify(export: Path, seals: Path | None, roots: Sequence[Path]) -> int:
    lines = read_lines(seals) if seals else read_lines(export)
    chain = read_chain(lines, [read_json(path) for path in roots])
    if not chain.count and not chain.findings:
        raise Unreadable(f"there is no seal in {seals or export}")
    try:
        comparison, finding = find_tampering(lambda: iterate_records(read_lines(export)), chain)
    except ValueError as problem:
        raise Unreadable(f"{export} has {problem}") from problem
    problems = [say_finding(finding)] if finding else []
    problems += [say_break(each) for each in chain.findings[:1]]
    said = [*problems, summarize(comparison, chain, len(roots))]
    sys.stdout.write("".join(f"{line}\n" for line in said))
    return 1 if problems else 0


def verify_proof(path: Path) -> int:
    try:
        proof = read_proof(read_json(path))
    except (KeyError, TypeError, ValueError) as problem:
        raise Unreadable(f"{path} is no proof") from problem
    seal = f"seal {proof.seal.number} of shard {proof.seal.shard}, whose hash is {proof.seal.hash}"
    said = f"The record is in {seal}." if proof.holds else f"The record is not the one in {seal}."
    sys.stdout.write(f"{said}\n")
    return 0 if proof.holds else 1


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, start=1):
            if text.strip():
                yield read_object(text, f"line {number} of {path}")


def read_json(path: Path) -> dict[str, Any]:
    return read_object(path.read_text(encoding="utf-8"), str(path))


def read_object(text: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as problem:
        raise Unreadable(f"{where} is no JSON") from problem
    if not isinstance(found, dict):
        raise Unreadable(f"{where} is no JSON object")
    return found


def say_finding(finding: Finding) -> str:
    """In words, and with the marks, by which the record is found in the export."""
    action = f" ({finding.action})" if finding.action else ""
    words = WORDS[finding.kind].format(
        time=say_time(finding.mark), other=say_time(finding.other), action=action
    )
    shard, _, number = finding.seal.partition("/")
    seal = f" It belongs to seal {number} of shard {shard}." if number else ""
    marks = " and ".join(each for each in (finding.mark, finding.other) if each)
    return f"{words}{seal} Mark: {marks}"


def say_time(mark: str) -> str:
    try:
        return f"{time_of(mark):%Y-%m-%d %H:%M:%S.%f} UTC" if mark else ""
    except ValueError:
        return repr(mark)


def say_break(finding: ChainFinding) -> str:
    return CHAIN_WORDS[finding.kind].format(shard=finding.shard, number=finding.number, day=finding.day)


def summarize(comparison: Comparison, chain: Chain, roots: int) -> str:
    named = f"compared with the roots of {roots} days" if roots else "compared with no day's root"
    days = f"; days {chain.days[0]} to {chain.days[1]}" if chain.days else ""
    return (
        f"{comparison.records} records: {comparison.sealed} as they were sealed, {comparison.not_sealed} too "
        f"new to be sealed; {chain.count} seals in {len(chain.seals)} shards, {named}{days}."
    )


if __name__ == "__main__":
    sys.exit(main())
