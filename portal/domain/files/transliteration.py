"""A name in ASCII, as people of its language would type it there: for what reads nothing else.

Latin letters by their parts (é is an e with an accent), those without parts and Cyrillic and Greek by the
tables below. Of other scripts `anyascii` would have a spelling, at 1.2 MB, for a name that every browser
since 2012 reads in full beside it (RFC 6266).
"""

from __future__ import annotations

import unicodedata


def table(pairs: str) -> dict[str, str]:
    """ "ß:ss æ:ae": letters and how they are written; nothing where a letter has no sound."""
    return {pair[0]: pair[2:] for pair in pairs.split()}


LATIN = table(
    "ß:ss æ:ae ø:o œ:oe ł:l đ:d ð:d þ:th ħ:h ı:i ŋ:ng ŧ:t ĸ:k ə:e ƒ:f ƀ:b ɓ:b ɗ:d ƙ:k ǥ:g ɨ:i ʉ:u ɍ:r ƶ:z"
)
OTHERS = table(
    "а:a б:b в:v г:g д:d е:e ё:yo ж:zh з:z и:i й:y к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:kh ц:ts ч:ch"
    " ш:sh щ:shch ъ: ы:y ь: э:e ю:yu я:ya і:i ї:yi є:ye ґ:g ў:u ѕ:dz ј:j љ:lj њ:nj ћ:c ђ:dj џ:dz ѓ:g ќ:k"
    " α:a β:v γ:g δ:d ε:e ζ:z η:i θ:th ι:i κ:k λ:l μ:m ν:n ξ:x ο:o π:p ρ:r σ:s ς:s τ:t υ:y φ:f χ:ch ψ:ps ω:o"
)
SIGNS = table(
    "‐:- ‑:- ‒:- –:- —:- ―:- −:- ⁄:- ×:x ‘:' ’:' ‚:' ʼ:' ′:' ´:' “:' ”:' „:' «:' »:' ″:' €:EUR £:GBP ẞ:SS"
)
CAPITALS = {each.upper(): written.upper() for each, written in LATIN.items() if len(each.upper()) == 1}
CAPITALS |= {each.upper(): written.capitalize() for each, written in OTHERS.items()}
WRITTEN = str.maketrans(CAPITALS | LATIN | OTHERS | SIGNS)


def transliterate(text: str) -> str:
    """The text in letters, digits and signs of ASCII; what has no spelling in it is left out."""
    spelled = unicodedata.normalize("NFC", text).translate(WRITTEN)
    return unicodedata.normalize("NFKD", spelled).translate(WRITTEN).encode("ascii", "ignore").decode()
