"""Definitions of what a query names: who types a function's name wants to see first where it is defined."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

import re2

from ingestion.models import Chunk
from ingestion.pipeline.lexemes import spans, terms
from search.legs import Hit
from search.spelling import SHARE, distance

CHUNKS = 60  # the best of the lexical leg
FEW = 5  # words of a query that may each be a name, and together one: send banana error, for sendBananaError
MISSPELT = 2  # letters at most
NAME = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]|\w_\w|^_|[A-Za-z]\d")  # what no everyday word has

KEYWORDS = (
    "class|concept|const|constexpr|def|define|defn|enum|fn|fun|func|function|impl|interface|let|macro|mod|module"
    "|namespace|object|package|proc|procedure|protocol|record|service|struct|sub|table|trait|type|typedef|union"
    "|val|var|view"
)
MODIFIERS = "async|export|final|get|override|private|protected|public|set|static|virtual"
# What stands before and after a name where it is defined, in most languages. RE2: linear in time, whatever the text.
DEFINED = re2.compile(
    "(?im)"
    # def name, func (s *Server) name, CREATE TABLE IF NOT EXISTS name, function Shop.name
    rf"\b(?:{KEYWORDS})(?:[ \t]+(?:class|data|if not exists|static|struct))?"
    r"(?:[ \t]*\*|[ \t]*\([^()\n]{0,80}\)|[ \t]+(?:\w+(?:\.|::))*|[ \t]*`)+[ \t]*([A-Za-z_]\w*)"
    # At the margin: static int name(, name(
    r"|^(?:[A-Za-z_][\w:<>,]*[ \t*&]+){0,4}([A-Za-z_]\w*) ?\([^;\n]*$"
    # In a class: async name(order) {
    rf"|^[ \t]+(?:(?:{MODIFIERS})[ \t]+)*([A-Za-z_$]\w*)\([^()\n]*\) ?\{{"
    # At the margin: NAME = 1, name: int = 1
    r"|^([A-Za-z_]\w*)[ \t]*(?::[^=\n]{1,60})?=(?:[^=]|$)"
)


def names(text: str, rarities: Mapping[str, float]) -> dict[str, float]:
    """Return the terms of a query that may each be a name, with the share of its rarity that they are.

    In a query of few words any may be one, and all of them together; in a longer one, what looks like one. What a
    word may be a misspelling of, is among the rarities, too.
    """
    written = [(text[start:end], found) for start, end, found in spans(text) if found]
    words = {found[0]: word for word, found in written}
    whole = sum(rarities.get(term, 0.0) for term in words)
    if not whole:
        return {}
    few = len(words) <= FEW
    shares = {
        term: rarities[term] / whole
        for term, word in words.items()
        if term in rarities and (few or NAME.search(word))
    }
    for term in rarities.keys() - {term for _, found in written for term in found}:
        if meaning := [share for word, share in shares.items() if distance(word, term) <= MISSPELT]:
            shares[term] = SHARE * max(meaning)
    if 1 < len(words) <= FEW:
        shares |= dict.fromkeys(terms("".join(words.values()))[:1], 1.0)
    return shares


def defined(text: str) -> set[str]:
    """Return the terms of the names that a text defines, by what it looks like."""
    return {found for match in DEFINED.finditer(text) for found in terms(match[match.lastindex])[:1]}


def by_definition(text: str, rarities: Mapping[str, float], hits: Sequence[Hit]) -> dict[UUID, float]:
    """Score documents by the share of a query that one of their chunks defines; leave out those with none."""
    wanted = names(text, rarities)
    if not wanted:
        return {}
    chunks = [hit.chunk for hit in hits[:CHUNKS]]
    scores: dict[UUID, float] = {}
    for document, part in Chunk.objects.filter(pk__in=chunks).values_list("document_id", "text"):
        share = min(1.0, sum(wanted.get(term, 0.0) for term in defined(part)))
        if share > scores.get(document, 0.0):
            scores[document] = share
    return scores
