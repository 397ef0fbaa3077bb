"""What packaging compiled is taken at a start only where it is the same, and by the Python it is for."""

from __future__ import annotations

import dataclasses
import marshal
import re
from pathlib import Path

import pytest

from infrastructure.record_compiled import Recorder
from portal import compiled_ahead


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """What is compiled from here on is noted, and what is installed is gone after the test."""
    monkeypatch.setattr(dataclasses, "exec", exec, raising=False)
    for name in ("_sre", "compile"):
        monkeypatch.setattr(re._compiler, name, getattr(re._compiler, name))  # type: ignore[attr-defined]
    recorder = Recorder()
    recorder.install()
    re.purge()
    return recorder


def make_point() -> type:
    return dataclasses.make_dataclass("Point", [("x", int), ("label", str, "none")], frozen=True)


def take(recorder: Recorder) -> None:
    codes = {compiled_ahead.digest(text): code for text, code in recorder.codes.items()}
    compiled_ahead.install(codes, recorder.expressions)
    re.purge()


def test_a_dataclass_of_noted_methods_is_the_same_class(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_point()
    take(recorder)
    monkeypatch.setattr("builtins.compile", None)
    point = make_point()(3)
    assert (point.x, point.label, repr(point), point == make_point()(3)) == (
        3,
        "none",
        "Point(x=3, label='none')",
        False,
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 4


@pytest.mark.parametrize(
    ("pattern", "flags", "text"),
    [
        (r"(?P<day>\d+)-(\w+)", 0, "12-may"),
        (rb"^[a-f\x80]+$", re.MULTILINE, b"abc\nfed"),
        (r"(?i:stra\u00dfe|b)(?=x)", re.VERBOSE | re.IGNORECASE, "STRA\u1e9eEx"),
        (r"(a|b)*?c{2,5}\1", re.DOTALL, "abccb"),
    ],
)  # fmt: skip
def test_a_noted_expression_finds_what_it_found(
    recorder: Recorder, pattern: str | bytes, flags: int, text: str | bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = re.compile(pattern, flags)
    take(recorder)
    monkeypatch.setattr(re._compiler, "_code", None)  # type: ignore[attr-defined]
    again = re.compile(pattern, flags)
    assert (again.flags, again.groups, again.groupindex) == (before.flags, before.groups, before.groupindex)
    found, known = again.search(text), before.search(text)  # type: ignore[arg-type]
    assert (found and found.groups()) == (known and known.groups())


def test_the_same_pattern_by_other_flags_or_in_bytes_is_another(recorder: Recorder) -> None:
    re.compile("a+")
    take(recorder)
    assert re.compile("a+", re.IGNORECASE).fullmatch("AA")
    assert re.compile(b"a+").fullmatch(b"aa")
    assert not re.compile("a+").fullmatch("AA")


def test_another_pythons_are_left_alone(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "compiled_ahead.kept"
    magic, engine = compiled_ahead.name_python()
    kept.write_bytes(marshal.dumps(((magic, engine + 1), {}, {("a+", 0): b"not an expression"})))
    monkeypatch.setattr(compiled_ahead, "KEPT", kept)
    compiled_ahead.load()
    assert re.compile("a+").fullmatch("aa")
