"""Whether a text is one SELECT and nothing else, before anybody is asked to run it.

The role that runs it may read the access log alone, so this is not what protects anything else: it says
plainly what is wrong, and keeps out what would cost without answering.
"""

from __future__ import annotations

import re

from portal.domain.errors import N_, Invalid

MOST_BYTES = 8_000  # the text is in the audit log, too
# Texts, quoted names and comments, each to its end; what is left of one that has none is caught below.
QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\r\n]*|/\*.*?\*/""", re.DOTALL)
BEGINNING = re.compile(r"[\s(]*(?:select|with)\b", re.IGNORECASE)
CHANGING = re.compile(
    r"\b(?:insert|update|delete|merge|create|drop|alter|truncate|unload|into|grant|revoke|execute|prepare|call)\b",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"""['"`]|/\*|\*/""")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def parse_query(text: str) -> str:
    """The query without blanks around it and a semicolon at its end. Raises Invalid."""
    query = text.strip()
    bare = leave_out_quoted(query)
    if bare.endswith(";") and query.endswith(";"):
        query, bare = query[:-1].rstrip(), bare[:-1].rstrip()
    if not query or not bare.strip():
        raise refuse(N_("Type a query that begins with SELECT."))
    if len(query.encode()) > MOST_BYTES or CONTROL.search(query):
        raise refuse(N_("The query is too long, or has characters that no query has."))
    if UNFINISHED.search(bare):
        raise refuse(N_("A quotation mark or a comment in the query has no end."))
    if ";" in bare:
        raise refuse(N_("Only one query can be run at a time, without a semicolon in it."))
    if not BEGINNING.match(bare) or CHANGING.search(bare) or not re.search(r"(?i)\bselect\b", bare):
        raise refuse(N_("Only a SELECT can be run: the access log is there to be read."))
    if "?" in bare:
        raise refuse(N_("Write values into the query itself, instead of question marks."))
    return query


def refuse(message: str) -> Invalid:
    return Invalid(message, field="query", reason="no_select")


def leave_out_quoted(query: str) -> str:
    """The query without comments, and with empty texts and names where it has some."""
    return QUOTED.sub(lambda found: "_" if found[0][0] in "'\"" else " ", query).strip()
