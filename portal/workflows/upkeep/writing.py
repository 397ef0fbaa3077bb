"""Writing a file for somebody into S3, a piece after the other, as far as the minute's time goes.

A worker that is killed anywhere loses at most what it had not kept: the next one goes on from what the item
says. Where the parts are not as the item knows them the file begins again, and nobody sees half of one: it
is offered only once the whole object is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from portal.domain.written_files import ExportState, WrittenFile
from portal.engine.audit_services import Exports, ExportStore
from portal.engine.services import Services

PART_BYTES = 6 * 1024 * 1024  # S3 takes parts from 5 MiB on, and 10,000 of them

E = TypeVar("E", bound=WrittenFile)


@dataclass
class Writing(Generic[E]):
    """A file that this worker holds until then, and what is not in a part yet."""

    export: E
    held_until: datetime
    exports: Exports[E]
    store: ExportStore
    clock: Callable[[], datetime]
    unsent: bytearray

    @property
    def has_part(self) -> bool:
        """Whether what is not sent is enough for a part."""
        return len(self.unsent) >= PART_BYTES

    def keep(self, export: E, *, release: bool = False) -> bool:
        due_at = self.clock() if release else self.held_until
        kept = self.exports.keep(export, self.held_until, due_at)
        self.export = export
        return kept

    def send_part(self) -> bool:
        """Send what there is as the next part; it counts once the item says so. False if the upload is
        gone.
        """
        export = self.export
        if not export.upload_id:
            export = replace(export, upload_id=self.store.begin(export))
        etag = self.store.put_part(export, len(export.etags) + 1, bytes(self.unsent))
        if etag is None:
            return False
        size = export.size + len(self.unsent)
        self.export = replace(export, etags=(*export.etags, etag), size=size)
        self.unsent.clear()
        return True

    def begin_again(self) -> None:
        """Where the parts are not as the item knows them."""
        self.keep(self.export.begin_again(), release=True)

    def put_off(self, export: E) -> None:
        """Keep how far it is, and what is too short for a part, for whoever goes on."""
        export = replace(export, rest=self.export.rest + 1)
        self.store.put_rest(export, bytes(self.unsent))
        self.keep(export, release=True)

    def finish(self) -> E | None:
        """The file with its whole object; None where its parts are not as it knows them."""
        size = self.export.size + len(self.unsent)
        if not self.export.etags:
            self.store.put(self.export, bytes(self.unsent))
        elif (self.unsent and not self.send_part()) or not self.store.finish(self.export, self.export.etags):
            return None
        return replace(self.export, state=ExportState.READY, size=size)


def claim(
    export: E, exports: Exports[E], make_heading: Callable[[E], bytes | None], services: Services
) -> Writing[E] | None:
    """Go on with it; None where somebody else does. make_heading: what one that is new begins with."""
    claimed = exports.claim(export, services.clock())
    if claimed is None:
        return None
    export, held_until = claimed
    heading = make_heading(export)
    unsent = services.exports.get_rest(export) if heading is None else heading
    return Writing(export, held_until, exports, services.exports, services.clock, bytearray(unsent))
