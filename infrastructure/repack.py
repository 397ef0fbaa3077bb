"""Make the zip smaller that `zappa package` wrote: its bytecode without the sources, and nothing unused.

Lambda fetches and unpacks it before a start, so each megabyte is waited for. A line of a traceback keeps its
file, function and number; its text is in the repository, at the version that `/healthz` names.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from babel.core import get_global

# Installed with what the portal needs, and asked for by nothing that runs there.
NOT_ASKED_FOR = {
    "cffi": "makes bindings; cryptography's are made, and need its backend alone",
    "pycparser": "reads C for cffi, which is given none",
    "waitress": "serves the portal on a machine of one's own",
}
# Of an installed package's own papers, what its version and licence are read from.
KEPT_PAPERS = re.compile(
    r"\.dist-info/(METADATA|entry_points\.txt|licenses/.*|.*(LICEN[CS]E|COPYING|NOTICE).*)$"
)
UNUSED = re.compile(
    r"""\.(pyi|pxd|h|c)$ | /py\.typed$  # types and headers
    | ^pytz/zoneinfo/ | ^dateutil/zoneinfo/.*\.gz$  # tzdata has them; pytz knows UTC without a list
    | ^tzdata/zoneinfo/(tzdata\.zi|.*\.tab|leapseconds)$
    | ^babel/messages/  # catalogues are made elsewhere
    | ^authlib/integrations/(django|flask_oauth|httpx|sqla|starlette)  # for frameworks that are not here
    | ^boto3/(data|examples)/ | ^botocore/cacert\.pem$  # resources are not used; certifi has the authorities
    | ^charset_normalizer/.*\.so$  # only quicker, at what an answer without a charset alone would need
    | ^packaging/(licenses/|metadata|pylock) | ^urllib3/contrib/emscripten/ | ^werkzeug/debug/shared/
    """,
    re.VERBOSE,
)
LOCALE = re.compile(r"^(?:babel/locale-data/(\w+)\.dat|wtforms/locale/(\w+)/.*)$")
BYTECODE = re.compile(r"^(.*/)?__pycache__/([^/]+)\.cpython-\d+\.pyc$")


def repack(archive: Path, languages: set[str]) -> None:
    """Write it again in place. languages: the locales that pages and emails are written in."""
    kept_locales = {each for language in languages for each in list_inherited(language)}
    smaller = archive.with_suffix(".smaller")
    with (
        zipfile.ZipFile(archive) as old,
        zipfile.ZipFile(smaller, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for entry, name in list_kept(old, kept_locales):
            info = zipfile.ZipInfo(name, entry.date_time)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, entry.external_attr
            new.writestr(info, old.read(entry))
    smaller.replace(archive)


def list_kept(old: zipfile.ZipFile, locales: set[str]) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """What stays, and its new name: bytecode takes the place of its source."""
    compiled = {name_source(each) for each in old.namelist()} - {None}
    for entry in old.infolist():
        source = name_source(entry.filename)
        if source:
            name = source + "c"
        elif entry.filename in compiled or is_zappas_own(entry):
            continue
        else:
            name = entry.filename
        if is_used(source or name, locales):
            yield entry, name


def name_source(name: str) -> str | None:
    """The source that bytecode in a `__pycache__` was made from; None for other files."""
    found = BYTECODE.match(name)
    return f"{found[1] or ''}{found[2]}.py" if found else None


def is_zappas_own(entry: zipfile.ZipInfo) -> bool:
    """Zappa adds an empty module to each folder without one, which would come before the compiled one."""
    return entry.file_size == 0 and PurePosixPath(entry.filename).name == "__init__.py"


def is_used(name: str, locales: set[str]) -> bool:
    package = name.split("/")[0].split("-")[0]
    if package in NOT_ASKED_FOR or UNUSED.search(name):
        return False
    if ".dist-info/" in name:
        return bool(KEPT_PAPERS.search(name))
    locale = LOCALE.match(name)
    return not locale or (locale[1] or locale[2]) in locales


def list_inherited(locale: str) -> Iterator[str]:
    """A locale and those that CLDR completes it from: en_GB, en_001, en, root."""
    yield locale
    if locale != "root":
        exceptions: Mapping[str, str] = get_global("parent_exceptions")
        yield from list_inherited(exceptions.get(locale) or locale.rpartition("_")[0] or "root")
