"""What the bucket's access log says of a delivery, in words that claim no more than it proves (R78)."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from portal.domain.audit.record import AuditRecord
from portal.web.wording.formats import count, exact_size, filesize


def describe_delivery(record: AuditRecord) -> str:
    """A record of bytes that went out. "All" is said where one answer held the whole file. Pieces are counted
    and their bytes added up, and may be the same piece again and again: nothing in the log says where in the
    file they begin.
    """
    details = record.details
    got, size, times = (int(details.get(each, "1")) for each in ("bytes", "size", "times"))
    name = details.get("name") or gettext("a file")
    values = {"name": name} | figures(got, size)
    if "complete" in details:
        text = gettext("%(name)s was downloaded in full: %(size)s", **values)
    elif times > 1 and got >= size:
        text = gettext(
            "%(num)s pieces of %(name)s were downloaded: %(bytes)s in total, overlaps included; the file "
                "has %(size)s, and it is not known whether that was all of it",
            num=count(times), **values,
        )  # fmt: skip
    else:
        text = ngettext(
            "A piece of %(name)s was downloaded: %(bytes)s of %(size)s",
            "%(num)d pieces of %(name)s were downloaded: %(bytes)s of %(size)s in total, overlaps included",
            times, **values,
        )  # fmt: skip
    return str(text)


def figures(got: int, size: int) -> dict[str, str]:
    """Both sizes, to the byte where rounding would make them look alike."""
    if got != size and filesize(got) == filesize(size):
        return {"bytes": exact_size(got), "size": exact_size(size)}
    return {"bytes": filesize(got), "size": filesize(size)}
