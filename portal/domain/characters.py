"""Characters of people's text: what is kept, what nobody sees and how that is shown (R69, R70)."""

from __future__ import annotations

import re
import unicodedata

# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), which Python's tables leave out: some
# are letters and marks by their category, such as the Hangul fillers. And the blank Braille pattern.
IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
INVISIBLE = re.compile(rf"[{IGNORABLE}\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
AT_AN_EDGE = re.compile(rf"[{IGNORABLE}\s]")

# What stands in people's texts for a character of ASCII: full-width forms, and the marks of other scripts.
ASCII_FORMS = {each: each - 0xFEE0 for each in range(0xFF01, 0xFF5F)} | {
    ord(each): ascii_form
    for ascii_form, others in {
        ",": "\u3001\uff64\u060c\ufe10\ufe11\ufe50\ufe51", ";": "\u061b\u037e\ufe14\ufe54", "@": "\ufe6b",
        ".": "\u3002\uff61\ufe52",
        '"': "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\u301d\u301e\u301f\u300c\u300d\u300e\u300f",
        "'": "\u2018\u2019\u201a\u201b\u02bc\u2032", "<": "\u2039\u2329\u27e8\u3008\u300a\ufe64",
        ">": "\u203a\u232a\u27e9\u3009\u300b\ufe65",
        "[": "\u3010\u3014", "]": "\u3011\u3015", "-": "\u2010\u2011",
    }.items()
    for each in others
}  # fmt: skip

LINE_BREAKS = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
# Controls, halves of pairs, private use, marks of format. What Python's tables do not know yet is no control:
# next year's emoji.
UNREADABLE = {"Cc", "Cs", "Co", "Cf"}
JOINERS = "\u200c\u200d"
# Cf by category, yet they are seen: the signs that Arabic, Syriac and Kaithi numbers stand under.
SEEN_FORMATS = "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
# Joiners shape the words of these scripts; between other letters they only make two equal names differ.
JOINED_SCRIPTS = re.compile(
    "ARABIC|SYRIAC|MANDAIC|NKO|ADLAM|ROHINGYA|MONGOLIAN|PHAGS-PA|DEVANAGARI|BENGALI|GURMUKHI|GUJARATI|ORIYA|TAMIL"
    "|TELUGU|KANNADA|MALAYALAM|SINHALA|TIBETAN|MYANMAR|KHMER|BALINESE|JAVANESE|SUNDANESE|BATAK|KAITHI|CHAKMA"
    "|GRANTHA|TIRHUTA|SHARADA|NEWA|MODI|LEPCHA|LIMBU|MEETEI MAYEK|SAURASHTRA|SYLOTI NAGRI|TAI THAM"
)
EMOJI = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f]"
)
# The flags of countries within a country are a black flag and invisible letters of their own.
KEPT = re.compile(rf"\U0001f3f4[\U000e0061-\U000e007a]{{2,6}}\U000e007f|[{SEEN_FORMATS}]")


def keep_readable(text: str, line_break: str = "\n") -> str:
    """People's text without what nobody can read. No two words grow together: every kind of space becomes a
    blank, every line separator a `line_break`. Joiners stay in words and emoji that are written with them.
    """
    text = LINE_BREAKS.sub(line_break, text)
    kept = {place for found in KEPT.finditer(text) for place in range(*found.span())}
    return "".join(
        each if place in kept else readable_form(text, place, each) for place, each in enumerate(text)
    )


def readable_form(text: str, place: int, character: str) -> str:
    if character == "\n":
        return character
    if is_space(character):
        return " "
    if character in JOINERS:
        return character if is_joining(text[max(0, place - 1) : place], text[place + 1 : place + 2]) else ""
    return "" if unicodedata.category(character) in UNREADABLE else character


def is_joining(before: str, behind: str) -> bool:
    """Whether a joiner between these two characters is part of how they are written."""
    if EMOJI.match(before) and EMOJI.match(behind):
        return True
    scripts = [JOINED_SCRIPTS.search(unicodedata.name(each, "")) for each in (before, behind) if each]
    return (
        len(scripts) == 2
        and len({found[0] if found else "" for found in scripts} - {""}) == 1
        and all(scripts)
    )


def has_visible(text: str) -> bool:
    """Whether there is anything to see: some letters are blank, such as the Hangul fillers."""
    return bool(strip_invisible(text))


def ascii_digits(text: str) -> str:
    """The text with the digits of every script, and full-width ones, as 0 to 9."""
    return "".join(str(unicodedata.decimal(each, each)) for each in text)


def strip_invisible(text: str) -> str:
    """Without what nobody sees before and behind it: blanks, zero-width characters, marks of direction."""
    first, last = 0, len(text)
    while first < last and AT_AN_EDGE.match(text, first):
        first += 1
    while first < last and AT_AN_EDGE.match(text, last - 1):
        last -= 1
    return text[first:last]


def show_invisible(text: str) -> str:
    """The text with every character that nobody sees shown by its number, as [U+200B]."""
    return INVISIBLE.sub(lambda found: show_number(found[0]), text)


def show_number(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def is_space(character: str) -> bool:
    """Whether it stands between words: every kind of blank, of whatever width, and the tab."""
    return character == "\t" or unicodedata.category(character) == "Zs"


def to_ascii_forms(line: str) -> str:
    """With the separators, quotes and blanks of ASCII; the tab stays, since it parts columns."""
    if line.isascii():
        return line
    return "".join(" " if is_space(each) and each != "\t" else each for each in line.translate(ASCII_FORMS))
