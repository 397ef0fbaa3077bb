"""Someone else's words in emails, with nothing left that email programs would make a link of (R56)."""

from __future__ import annotations

import re

from portal.domain.files import names

# Extensions that are the usual ends of web addresses; those of two letters (countries) count too.
DOMAIN_ENDS = {
    "com", "net", "org", "info", "biz", "app", "dev", "xyz", "online", "site", "shop", "link", "click",
}  # fmt: skip
# Endings of files that end no web address, as zip and mov do: a name with them is left as it is.
FILE_ENDS = sorted({each for each in names.TYPES if each.isalpha() and len(each) > 2} - {"zip", "mov"})
# What email programs make a link of: the colon of "://", and a dot (of any script) before two letters.
LINKED = re.compile(
    r"(:(?=//)|(?<=[^\s.])[.\u3002\uff0e\uff61](?=[^\W\d_]{2})"
    rf"(?!(?<=\.)(?i:{'|'.join(FILE_ENDS)})(?![\w@/:#?&=%\-]|[.\u3002\uff0e\uff61]\w)))"
)


def pieces(text: str) -> list[str]:
    """Someone else's words cut at what email programs make links of; every second piece is such a mark (R56).

    The HTML body puts a <span> around each mark: it looks the same, with nothing left to be found. Zero-width
    characters would do too, but would be copied along.
    """
    return LINKED.split(text)


def bracket_links(text: str) -> str:
    """The same for plain text, which has no such means: the marks in brackets, as in reports of phishing."""
    return LINKED.sub(r"[\1]", text)


def bracket_links_in_name(name: str) -> str:
    """A file's name in plain text: as `bracketed`, with the extension that everyone knows for one."""
    stem, end = harmless_end(name)
    return bracket_links(stem) + end


def harmless_end(name: str) -> tuple[str, str]:
    """A file's name, cut where its extension begins if nobody could take that for a domain's end."""
    stem, extension = names.split(name)
    bare = extension[1:].casefold()
    looks_like_domain = bare in DOMAIN_ENDS or (len(bare) == 2 and bare.isalpha())
    return (name, "") if looks_like_domain and names.kind(name) == "file" else (stem, extension)
