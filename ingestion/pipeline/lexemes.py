"""Turning text into search terms: the same function when a text is indexed and when it is searched for."""

import re
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import is_normalized, normalize

from ingestion.pipeline.stem import stem

MAX_TERM = 64  # characters; longer runs are hashes, keys and encoded data
# Limits of PostgreSQL's tsvector: positions, positions of one lexeme, bytes of all lexemes and positions together.
MAX_POSITION, MAX_POSITIONS, MAX_BYTES = 16_383, 255, 1_000_000
CACHE_SIZE = 100_000  # words; some 45 MB when full

# Scripts that put no space between words. Their text is found by pairs of characters.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # Japanese syllables
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # Chinese characters
    "\uac00-\ud7af"  # Korean
)
# Vowel signs and accents, which are no word characters to `re`: Latin, Hebrew, Arabic, the scripts of India.
MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0981-\u0dff"
ASCII_WORD = re.compile(r"\w+(?:-\w+)*", re.ASCII)
LETTERS = rf"(?:[^\W{UNSPACED}]|[{MARKS}])+"
WORD = re.compile(rf"[{UNSPACED}]+|{LETTERS}(?:-{LETTERS})*")
IS_UNSPACED = re.compile(rf"[{UNSPACED}]")

# The parts of parseHTTPResponse2 and of userIDs.
PART = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]+|(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{7,}")
MAX_PARTS = 12  # of a word; more are encoded data

# Very common words, as terms. They are indexed; a query of other words too can do without them.
STOPWORDS = frozenset(
    stem(word)
    for word in (
        "a about all also an and any are as at be because been but by can could did do does for from had has have how"
        " i if in into is it its may me my no not of on one or our she should so some such than that the their them"
        " then there these they this those to very was we were what when where which who why will with would you your"
    ).split()
)


def terms(text: str) -> list[str]:
    """Return the terms of `text` in order, repeated as often as they occur.

    A word gives itself without separators, and the parts it is made of: `parseHTTPResponse2`, `parse_http_response2`
    and `parse-http-response-2` all give one term for the whole, and the same for parse, http, response and 2.
    """
    return [term for word in _words(text) for term in _expand(word)]


def query_terms(query: str) -> list[str]:
    """Return the terms of a query, each once."""
    return list(dict.fromkeys(terms(query)))


def path_terms(path: str) -> list[str]:
    """Return the terms of a path, each once."""
    return query_terms(path)


def spans(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield where every word begins and ends in `text` and the terms it gives, to show what matched."""
    pattern = ASCII_WORD if text.isascii() else WORD
    for match in pattern.finditer(text):
        word = match[0]
        yield match.start(), match.end(), _expand(word) if word.isascii() else tuple(query_terms(word))


def to_tsvector(text: str, *, path: str = "", heading: str = "") -> str:
    """Return the literal of a tsvector with the terms of all three: path ones weighted A, heading ones B, others D."""
    positions: dict[str, list[str]] = {}
    position = 0
    for source, weight in ((path, "A"), (heading, "B"), (text, "")):
        for word in _words(source):
            if position < MAX_POSITION:
                position += 1
            entry = f"{position}{weight}"
            for term in _expand(word):
                if term in positions:
                    positions[term].append(entry)
                else:
                    positions[term] = [entry]
    width = 1 if text.isascii() and path.isascii() and heading.isascii() else 4
    lexemes = []
    size = 0
    for term, entries in positions.items():
        del entries[MAX_POSITIONS:]
        size += len(term) * width + len(entries) * 2 + 8
        if size > MAX_BYTES:
            break
        lexemes.append(f"'{term}':{','.join(entries)}")
    return " ".join(lexemes)


def _words(text: str) -> list[str]:
    if text.isascii():
        return ASCII_WORD.findall(text)
    return WORD.findall(text if is_normalized("NFKC", text) else normalize("NFKC", text))


@lru_cache(maxsize=CACHE_SIZE)
def _expand(word: str) -> tuple[str, ...]:
    """Return the terms of a word, the whole first, each once."""
    if IS_UNSPACED.match(word):
        return tuple(dict.fromkeys(word[i : i + 2] for i in range(max(1, len(word) - 1))))
    found: dict[str, None] = {}
    segments = word.split("-")
    # A hyphen makes a word of words, but not of numbers and single letters: those are dates and subtractions.
    if len(segments) > 1 and word[0].isalpha() and max(map(len, segments)) > 1:
        _add(found, word.replace("-", "").replace("_", ""))
    for segment in segments:
        whole = segment.replace("_", "")
        _add(found, whole)
        parts = [] if HEXADECIMAL.fullmatch(whole) else _parts(segment)
        if 1 < len(parts) <= MAX_PARTS and not whole.isdecimal():
            for part in parts:
                _add(found, part)
    return tuple(found)


def _parts(segment: str) -> list[str]:
    if segment.isascii():
        return PART.findall(segment)
    # Give every character the shape of its case in ASCII; the rest has none, and goes with lower case.
    shape = "".join(
        "_" if c == "_" else "0" if c.isdecimal() else "A" if c.isupper() or c.istitle() else "a"
        for c in segment
    )
    return [segment[match.start() : match.end()] for match in PART.finditer(shape)]


def _add(found: dict[str, None], part: str) -> None:
    term = part.casefold()
    if not 0 < len(term) <= MAX_TERM:
        return
    root = stem(term)
    found[root] = None
    # Where the stem is another word than what was written (settings: set), both count.
    if term.endswith(("ing", "ings")) and root != term:
        found[term.removesuffix("s")] = None
