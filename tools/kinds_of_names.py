"""What kind of name a function has, told by its first word: good for comparing.

There is no dictionary here. A verb that VERBS lacks counts as a noun; add it.
"""

from __future__ import annotations

# With prepositions.
PRONOUNS = frozenset(
    """
    about after against all anew any at before behind beside both by each for from he here in into it
    its mine none of on one other others ours over she that theirs them there these they this those
    under what which who whom whose with within without
    """.split()  # noqa: SIM905 -- a list would be a line a word
)
# Past forms that do not end in -ed and are no present ones.
IRREGULAR = frozenset(
    """
    begun bound brought built done drawn driven found given gone got heard held hidden hung kept known
    laid led left lost made meant met paid said seen sent shown shut signed sold spent spoken stood
    taken taught thrown told torn typed understood was were won worn wrapped written
    """.split()  # noqa: SIM905 -- a list would be a line a word
)
VERBS = frozenset(
    """
    abandon accept act add adopt allow announce answer append apply arrange arrive ask assemble attach
    audit authorize await bear begin belong bind block bound bring build call cancel change check choose
    claim clean clear close collect come compare compile complete compute configure confirm connect
    consume contain convert copy count cover create cut declare decline decode define delete deliver
    deploy derive describe digest disable discard do download draw drop dump emit enable encode encrypt
    end enqueue ensure enter erase escape exclude expect expire explain extend extract fail fetch fill
    filter find finish fit follow forget format generate get give go grant group guard guess handle hash
    hide hold identify ignore include indent index insert install invalidate isolate issue join keep
    know lay lead leave let limit list load lock log look lower make map mark mask match measure meet
    merge mint move name need normalize note notify offer open order override pack page parse pass pick
    place plan poll post prepare present press print process produce prove purge push put queue quote
    raise rank rate reach read rebuild receive record redirect reduce refresh refuse register reject
    release remember remind remove rename render renew repeat replace reply report request require
    reserve reset resolve respond restore resume retry return revoke rotate round run save say scan
    schedule search see seed select send serve set settle share shorten show shut sign skip sort speak
    spend split start stop store strip submit subscribe sum suppress sweep switch take tell test throw
    tidy touch track translate trim truncate try turn unlock unpack unsubscribe update upload use
    validate verify visit wait walk want warn withdraw work wrap write yield
    """.split()  # noqa: SIM905 -- a list would be a line a word
)
QUESTIONS = frozenset(
    """
    are can does has is knows may must needs should wants was will would
    """.split()  # noqa: SIM905 -- a list would be a line a word
)


def kind_of(name: str) -> str:
    """Such as `verb phrase`; `special` for what Python names."""
    if name.startswith("__"):
        return "special"
    first, *more = [word for word in name.lower().split("_") if word] or [""]
    if first in QUESTIONS:
        return "question"
    if first in PRONOUNS:
        return "prepositional phrase" if more else "bare pronoun or preposition"
    if first in IRREGULAR or (first.endswith("ed") and first not in VERBS):
        return "participle phrase" if more else "bare participle"
    if first in VERBS:
        return "verb phrase"
    return "third person" if first.endswith("s") and first[:-1] in VERBS else "noun or other"
