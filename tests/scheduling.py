"""Which worker runs what, where tests run side by side.

A file is one worker's, so that what it sets up is set up once, and so is a folder whose files share something
expensive. The first worker begins with the rooms that drive browsers and start portals, the others with the
rest, and they meet in between: none is idle before the end, and mostly one browser runs at a time. The groups
of xdist are not used: with pytest 9.2 they are lost without a word (pytest-dev/pytest-xdist#1386).
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest
    from xdist.scheduler import LoadFileScheduling
    from xdist.workermanage import WorkerController

# From those that wait for browsers and whole portals to those that share what others start.
STARTING = ("browser", "deployed", "aws", "integration", "cli", "infrastructure", "local")
TOGETHER = {"deployed", "infrastructure"}  # one package, one stack


def room_of(path: PurePath) -> str:
    """The folder in `tests/` that a file is in."""
    parts = path.parts
    return parts[parts.index("tests") + 1]


def put_in_order(items: list[pytest.Item]) -> None:
    """Sort so that the rooms that start portals come first; files stay whole."""
    places = {room: place for place, room in enumerate(STARTING)}
    items.sort(key=lambda item: places.get(room_of(item.path), len(places)))


def make_scheduler(config: pytest.Config) -> LoadFileScheduling:
    from xdist.scheduler import LoadFileScheduling

    class FromBothEnds(LoadFileScheduling):
        """Files in the order of collection: the first worker from its beginning, the others from its end."""

        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            room = room_of(PurePath(file))
            return room if room in TOGETHER else file

        def _assign_work_unit(self, node: WorkerController) -> None:
            if node is not self.nodes[0]:
                self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
            super()._assign_work_unit(node)

    config.option.loadscopereorder = False
    return FromBothEnds(config)
