"""What is one SELECT, and what is refused with which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.usage.free_queries import MOST_BYTES, parse_query

TAKEN = [
    "SELECT 1",
    "  select status, count(*) from access_log where day = '2026/02/03' group by 1  ",
    "WITH busy AS (SELECT key FROM access_log) SELECT * FROM busy",
    "(SELECT 1) UNION ALL (SELECT 2)",
    "SELECT * FROM access_log WHERE operation = 'REST.DELETE.OBJECT'",
    "SELECT 'it''s; DROP TABLE x -- fine' AS text",
    'SELECT 1 AS "delete; ""from"" here?"',
    "-- what for\nSELECT 1 /* ; drop */ + 1",
    "SELECT '?' AS mark",
    "SELECT updated, created, dropped FROM access_log",
]
REFUSED = {
    "begins with SELECT": ["", "   ", ";", "-- nothing", "/* SELECT 1 */"],
    "there to be read": [
        "DROP TABLE access_log", "INSERT INTO access_log SELECT 1", "CREATE TABLE x AS SELECT 1",
        "UNLOAD (SELECT 1) TO 's3://elsewhere/'", "EXPLAIN ANALYZE SELECT 1", "SHOW TABLES", "VALUES 1",
        "WITH x AS (SELECT 1) INSERT INTO y SELECT 1", "USING EXTERNAL FUNCTION f() SELECT 1", "selection",
        "MSCK REPAIR TABLE access_log", "/* x */ delete from access_log", "TABLE access_log", "WITH x",
        "SELECT 1 INTO x", "EXECUTE immediate 'SELECT 1'",
    ],
    "Only one query": ["SELECT 1; SELECT 2", "SELECT 1;;", "SELECT 1; -- and", "SELECT 1; DROP TABLE x"],
    "has no end": ["SELECT 'x", 'SELECT "x', "SELECT 1 /* x", "SELECT `x", "SELECT 1 */ x", "SELECT ''';"],
    "question marks": ["SELECT * FROM access_log WHERE day = ?"],
    "too long": ["SELECT " + "1" * MOST_BYTES, "SELECT \x00", "SELECT '\x1b[31m'"],
}  # fmt: skip


@pytest.mark.parametrize("text", TAKEN)
def test_one_select_is_taken_as_it_is(text: str) -> None:
    assert parse_query(text) == text.strip()


def test_a_semicolon_at_the_end_goes() -> None:
    assert parse_query("SELECT 1 ;\n") == "SELECT 1"
    assert parse_query("SELECT ';' ;") == "SELECT ';'"


@pytest.mark.parametrize(("words", "text"), [(words, each) for words, all in REFUSED.items() for each in all])
def test_anything_else_is_refused_in_words(words: str, text: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        parse_query(text)
    assert refused.value.field == "query"


@given(st.text(st.characters(exclude_characters="'", exclude_categories=["Cc", "Cs"]), max_size=60))
def test_what_stands_in_quotation_marks_decides_nothing(text: str) -> None:
    query = f"SELECT '{text}' AS x"
    assert parse_query(query) == query


@given(st.text(alphabet="select SELECT';\"-/*\n()dropDROPinto?,x1", max_size=40))
def test_no_text_gets_a_second_statement_past_it(text: str) -> None:
    """Read again the simple way, one character after the other, what is taken has no semicolon outside of
    quotation marks and comments.
    """
    try:
        query = parse_query(text)
    except Invalid:
        return
    assert ";" not in read_bare(query)
    assert read_bare(query).lower().lstrip(" \n(").startswith(("select", "with"))


def read_bare(query: str) -> str:
    ends = {"'": "'", '"': '"', "--": "\n", "/*": "*/"}
    bare, place = "", 0
    while place < len(query):
        begins = next((each for each in ends if query.startswith(each, place)), "")
        if not begins:
            bare += query[place]
            place += 1
            continue
        end = query.find(ends[begins], place + len(begins))
        place = len(query) if end < 0 else end + len(ends[begins])
        bare += " "
    return bare
