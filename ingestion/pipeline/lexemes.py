"""Lexemes: the terms that lexical search knows a text by. The same functions serve the index and the query."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LONGEST = 64  # characters; longer ones are hashes and blobs
MOST_POSITIONS = 64  # of one term in one chunk; ranking is flat long before
LAST_POSITION = 16_383  # what a tsvector can hold

WORD = re.compile(r"[^\W_]+(?:_+[^\W_]+)*_*|_+[^\W_]+(?:_+[^\W_]+)*_*")
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[^\W\d_A-Z]+|\d+|[A-Z]")
CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]+")

# Words that say nothing about what is sought. They are indexed: only queries leave them out.
STOPWORDS = frozenset(
    "a about all also am an and any are as at be been being but by can could did do does doing for from had has have "
    "how i if in into is it its just like me my no not of on or our please shall should so some than that the their "
    "them then there these they this those to too up us was we were what when where which who why will with would you "
    "your".split()
)

# Labels of a tsvector's positions: where in a document a term stands.
PATH, HEADING, TEXT = "A", "B", ""


def stem(word: str) -> str:
    """Return a word without its plural ending (the S-stemmer of Harman, 1991): light, so that names stay themselves."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return f"{word[:-3]}y"
    if word.endswith(("xes", "ches", "shes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=200_000)
def split(word: str) -> tuple[str, ...]:
    """Return the terms of one identifier or word: the whole, then its parts, lowered and stemmed.

    `parseHTTPResponse2` gives parsehttpresponse2, parse, http, response, 2.
    """
    if len(word) > LONGEST:
        return ()
    if not word.isascii():
        word = unicodedata.normalize("NFKC", word)
        if CJK.search(word):
            return tuple(_bigrams(word))
    whole = stem(word.strip("_").casefold())
    parts = [stem(part.casefold()) for part in PARTS.findall(word)]
    if len(parts) < 2:
        return (whole,) if whole else ()
    return (whole, *(part for part in parts if part != whole and len(part) <= LONGEST))


def _bigrams(word: str) -> Iterable[str]:
    """Scripts without spaces are found by pairs of characters, and the words between them by themselves."""
    for run in re.split(f"({CJK.pattern})", word):
        if CJK.fullmatch(run):
            yield from (run[i : i + 2] for i in range(max(1, len(run) - 1)))
        elif run:
            yield from split(run)


def terms(text: str) -> list[str]:
    """Return the terms of a text in order, repetitions included."""
    return [term for word in WORD.findall(text) for term in split(word)]


def path_terms(path: str) -> list[str]:
    """Return the terms of a path: of its folders, its file name and its extension."""
    return terms(path)


def query_terms(query: str) -> list[str]:
    """Return the distinct terms of a query in order, without stopwords unless there is nothing else."""
    found = list(dict.fromkeys(terms(query)))
    return [term for term in found if term not in STOPWORDS] or found


def to_tsvector(text: str, *, path: str = "", heading: str = "") -> str:
    """Return the terms of a chunk as the text form of a Postgres tsvector.

    Positions are labelled A for the path, B for the heading, and D (the default) for the text.
    """
    positions: dict[str, list[str]] = {}
    at = 0
    for field, label in ((path, PATH), (heading, HEADING), (text, TEXT)):
        for word in WORD.findall(field):
            found = split(word)
            if not found:
                continue
            at = min(at + 1, LAST_POSITION)
            position = f"{at}{label}"
            for term in found:
                places = positions.get(term)
                if places is None:
                    positions[term] = [position]
                elif len(places) < MOST_POSITIONS and places[-1] != position:
                    places.append(position)
    return " ".join(f"'{term}':{','.join(places)}" for term, places in positions.items())
