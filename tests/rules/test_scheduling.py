"""Where tests run side by side, a file is one worker's and browsers are the first one's."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from tests.scheduling import make_scheduler

FILES = (
    "browser/test_a",
    "browser/test_b",
    "deployed/test_a",
    "deployed/test_b",
    "domain/test_a",
    "web/test_a",
)
COLLECTED = [f"tests/{file}.py::test_it[{number}]" for file in FILES for number in range(5)]


@dataclass(eq=False)
class Worker:
    """Runs what it is sent; a scheduler asks no more of one."""

    name: str
    shutting_down: bool = False
    sent: list[int] = field(default_factory=list)
    gateway: Any = field(default_factory=lambda: SimpleNamespace(id="worker", spec=None))

    def send_runtest_some(self, indices: list[int]) -> None:
        self.sent += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def test_files_stay_whole_and_are_taken_from_both_ends() -> None:
    workers = [Worker("first"), Worker("second")]
    config: Any = SimpleNamespace(
        option=SimpleNamespace(loadscopereorder=True), getvalue=lambda name: ["popen", "popen"]
    )
    scheduler = make_scheduler(config)
    for worker in workers:
        added: Any = worker
        scheduler.add_node(added)
        scheduler.add_node_collection(added, COLLECTED)
    scheduler.schedule()
    done: dict[str, list[str]] = {worker.name: [] for worker in workers}
    while any(worker.sent for worker in workers):
        for worker in workers:
            if worker.sent:
                index = worker.sent.pop(0)
                done[worker.name].append(COLLECTED[index].partition("::")[0])
                ran_on: Any = worker
                scheduler.mark_test_complete(ran_on, index)
    ran = {name: list(dict.fromkeys(files)) for name, files in done.items()}
    assert ran["first"][:2] == ["tests/browser/test_a.py", "tests/browser/test_b.py"]
    assert ran["second"][:2] == ["tests/web/test_a.py", "tests/domain/test_a.py"]
    assert not set(ran["first"]) & set(ran["second"])
    assert sum(map(len, done.values())) == len(COLLECTED)
    folders = [{file.split("/")[1] for file in files} for files in ran.values()]
    assert ["deployed" in each for each in folders].count(True) == 1
