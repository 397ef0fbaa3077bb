"""The measurements: each sends the same bytes in several ways in turn, round after round, so that what else
the machine does meets all of them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Request

from benchmarks.uploads.memory import Tab
from benchmarks.uploads.stage import Stage

MIB = 2**20
Way = Callable[[Stage], float]  # sends, and says how many milliseconds it took


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured, its figure, and what it should be."""

    what: str
    figure: str
    aim: str = ""
    reached: bool | None = None


def in_turn(stage: Stage, ways: Mapping[str, Way], rounds: int) -> dict[str, list[float]]:
    """The milliseconds of each way, round by round. The first way goes once before and is not counted: memory
    that nothing used before is slower, and should be so for none of them.
    """
    next(iter(ways.values()))(stage)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            times[name].append(way(stage))
            print(f"  round {number + 1}: {name} {times[name][-1] / 1000:.2f} s", flush=True)
    return times


def seconds(times: list[float]) -> str:
    return f"{statistics.median(times) / 1000:.1f} s"


def ratio(ours: list[float], other: list[float]) -> float:
    """How many times as fast as the other way, as the median of the rounds."""
    return statistics.median(theirs / mine for mine, theirs in zip(ours, other, strict=True))


def at_least(what: str, figure: float, aim: float | None) -> Line:
    if aim is None:
        return Line(what, f"{figure:.2f} x")
    return Line(what, f"{figure:.2f} x", f"at least {aim:g} x", figure >= aim)


def called(name: str, **asked: Any) -> Callable[[Page], float]:
    """A call of one of inside.js's functions."""

    def ask(page: Page) -> float:
        return float(page.evaluate(f"asked => inside.{name}(asked)", asked))

    return ask


def through_page(count: int, size: int) -> Way:
    """Ours, as a person does it: choose, press Upload, wait until the page says that it has arrived."""

    def way(stage: Stage) -> float:
        with stage.page() as page:
            choose(page, count, size)
            return float(page.evaluate("inside.send()"))

    return way


def choose(page: Page, count: int, size: int) -> None:
    page.evaluate("asked => inside.choose(asked)", {"count": count, "bytes": size})
    page.locator(".uppy-StatusBar-actionBtn--upload").wait_for()


def posted(size: int) -> Way:
    def way(stage: Stage) -> float:
        with stage.page() as page:
            return called("post", bytes=size, signed=stage.signed_form("benchmark/post"))(page)

    return way


def put(size: int) -> Way:
    def way(stage: Stage) -> float:
        with stage.page() as page:
            url = stage.signed({"method": "PUT", "key": "benchmark/put"})
            return called("put", bytes=size, url=url)(page)

    return way


def uppys(size: int) -> Way:
    def way(stage: Stage) -> float:
        with stage.page() as page:
            return called("uppy", bytes=size)(page)

    return way


def parts(size: int, hashing: str) -> Way:
    """Our own modules, without the page around them: `hashing` is none, parts or all."""

    def way(stage: Stage) -> float:
        with stage.page() as page:
            return called("parts", bytes=size, hashing=hashing)(page)

    return way


def large(stage: Stage, size: int, rounds: int) -> Iterator[Line]:
    """One large file through the slow network."""
    ways = {
        "ours": through_page(1, size),
        "Uppy's S3 plugin": uppys(size),
        "one presigned POST": posted(size),
    }
    times = in_turn(stage, ways, rounds)
    for name, each in times.items():
        yield Line(f"{mib(size)} through the slow network, {name}", seconds(each))
    yield at_least("ours beside Uppy's S3 plugin", ratio(times["ours"], times["Uppy's S3 plugin"]), 3)
    yield at_least("ours beside one presigned POST", ratio(times["ours"], times["one presigned POST"]), 4)
    yield calls(stage, size)


def calls(stage: Stage, size: int) -> Line:
    """Counted in a browser that is asked for nothing else, since counting itself takes time."""
    asked: list[str] = []

    def count(request: Request) -> None:
        if request.url.startswith(f"{stage.portal.url}/v1/"):
            asked.append(request.url)

    with stage.page() as page:
        choose(page, 1, size)
        page.on("request", count)
        page.evaluate("inside.send()")
    return Line(f"calls to the portal for {mib(size)}", str(len(asked)), "fewer than 20", len(asked) < 20)


def straight(stage: Stage, size: int, rounds: int) -> Iterator[Line]:
    """The same without the slow network, where the browser and the hashing are the limit."""
    ways = {
        "one PUT": put(size), "one presigned POST": posted(size), "parts": parts(size, "none"),
        "parts, SHA-256 of each": parts(size, "parts"),
        "parts, SHA-256 of each and of the whole": parts(size, "all"),
        "the whole page": through_page(1, size),
    }  # fmt: skip
    times = in_turn(stage, ways, rounds)
    for name, each in times.items():
        yield Line(f"{mib(size)} straight, {name}", f"{seconds(each)}, {speed(size, each)}")
    single = times["one PUT"]
    aims = {"parts": 0.9, "parts, SHA-256 of each": 0.65}
    for name in [*ways][2:]:
        yield at_least(f"{name}, beside one PUT", ratio(times[name], single), aims.get(name))


def many(stage: Stage, count: int, size: int, rounds: int) -> Iterator[Line]:
    """Many small files through the slow network."""
    ways = {"ours": through_page(count, size), "one request after another": turns(count, size),
            "nothing but POSTs, one after another": posts_in_turn(count, size)}  # fmt: skip
    times = in_turn(stage, ways, rounds)
    for name, each in times.items():
        yield Line(f"{count:,} files of {size // 1024} KiB through the slow network, {name}", seconds(each))
    turn, posts = times["one request after another"], times["nothing but POSTs, one after another"]
    yield at_least("ours beside one request after another", ratio(times["ours"], turn), 5)
    yield at_least("ours beside nothing but POSTs, one after another", ratio(times["ours"], posts), None)


def turns(count: int, size: int) -> Way:
    """Announce, POST, complete, then the next: three requests a file."""

    def way(stage: Stage) -> float:
        with stage.page() as page:
            return called("inTurn", count=count, bytes=size)(page)

    return way


def posts_in_turn(count: int, size: int) -> Way:
    def way(stage: Stage) -> float:
        with stage.page() as page:
            signed = stage.signed_form("benchmark/${filename}")
            return called("postsInTurn", count=count, bytes=size, signed=signed)(page)

    return way


def memory(stage: Stage, size: int, folder: Path) -> Iterator[Line]:
    """What the tab takes while it sends a real file from the disk, which is sparse but as long as it says."""
    path = folder / "large.bin"
    with path.open("wb") as file:
        file.truncate(size)
    with stage.page() as page, Tab(page) as tab:
        idle = tab.settled()
        page.locator(".uppy-Dashboard-input").first.set_input_files(path)
        page.locator(".uppy-StatusBar-actionBtn--upload").wait_for()
        page.evaluate("inside.send()")
    above = (tab.peak - idle) / MIB
    what = f"memory of the tab above idle while it sends {mib(size)}"
    yield Line(what, f"{above:.0f} MiB", "less than 300 MiB", above < 300)


def mib(size: int) -> str:
    return f"{size / 2**30:g} GiB" if size >= 2**30 else f"{size / MIB:g} MiB"


def speed(size: int, times: list[float]) -> str:
    return f"{size / 1e6 / (statistics.median(times) / 1000):.0f} MB/s"
