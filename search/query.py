"""Understanding what somebody typed: words, quoted phrases, and filters such as `repo:shop lang:go -path:vendor/`."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ingestion.pipeline.languages import EXTENSIONS_BY_LANGUAGE, LANGUAGES_BY_EXTENSION
from ingestion.pipeline.lexemes import STOPWORDS, query_terms
from lightfast.lib.api import aware
from lightfast.lib.errors import UserError
from search.filters import Facts, Filters
from search.modes import Mode

LONGEST = 2_000  # characters
MOST_TERMS = 64
PHRASE = re.compile(r'"([^"]+)"')

FIELDS = {
    "source": "sources",
    "repo": "repositories",
    "repository": "repositories",
    "path": "paths",
    "lang": "languages",
    "language": "languages",
    "kind": "kinds",
    "author": "authors",
    "label": "labels",
    "state": "states",
}
TIMES = ("after", "before")
# A filter stands alone between spaces; a colon elsewhere, as in std::vector or http://, is text. So is all in quotes.
FILTER = re.compile(
    rf'(?<!\S)(?P<no>-?)(?P<field>{"|".join((*FIELDS, *TIMES))}):(?P<value>"[^"]*"|[^\s"]\S*)(?!\S)\s?|"[^"]*"',
    re.IGNORECASE,
)
AGE = re.compile(r"(\d{1,4})([dwmy])")
DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
KINDS = {"pr": "pull_request", "pull": "pull_request", "pulls": "pull_request", "prs": "pull_request"}
LANGUAGES = {"c++": "cpp", "c#": "csharp", "golang": "go", "objc": "objective-c", "bash": "shell"}


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, its text without the filters, its distinct terms in order, and the phrases to be found."""

    typed: str
    text: str
    terms: tuple[str, ...]
    phrases: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)


def parse(typed: str, *, mode: Mode = Mode.HYBRID, syntax: bool = True) -> Query:
    """Parse a query; raise `UserError` for one that is empty or too long, or has a filter that cannot be one.

    Without `syntax` all of it is text, whatever it looks like: no filters, and quotes are nothing but quotes.
    """
    typed = typed.replace("\0", " ")
    if len(typed) > LONGEST:
        raise UserError(
            f"The query has {len(typed):,} characters; {LONGEST:,} are the most. Search for less of it."
        )
    text, filters = split_filters(typed) if syntax else (typed, Filters())
    text = text if mode.is_literal else " ".join(text.split())
    if not text.strip() and (mode.is_literal or filters == Filters()):
        raise UserError("Type something to search for.")
    if mode.is_literal:
        return Query(typed.strip(), text, (), (), filters)
    quoted = PHRASE.findall(text) if syntax else ()
    phrases = tuple(phrase.strip() for phrase in quoted if query_terms(phrase))
    terms = query_terms(text)
    telling = [term for term in terms if term not in STOPWORDS] or terms
    return Query(" ".join(typed.split()), text, tuple(telling[:MOST_TERMS]), phrases, filters)


def split_filters(typed: str) -> tuple[str, Filters]:
    """Return the text without its filters, and the filters."""
    wanted: dict[str, Any] = {}
    unwanted: dict[str, Any] = {}

    def take(match: re.Match[str]) -> str:
        if match["field"] is None:
            return match[0]
        field, value = match["field"].lower(), match["value"].strip('"').strip()
        if not value:
            return match[0]
        if field in TIMES:
            if match["no"]:
                other = "before" if field == "after" else "after"
                raise UserError(f"Write {other}:{value} instead of -{field}:{value}.")
            wanted[field] = parse_time(value, field)
        else:
            chosen, name = unwanted if match["no"] else wanted, FIELDS[field]
            chosen[name] = (*chosen.get(name, ()), _named(name, value))
        return ""

    text = FILTER.sub(take, typed).strip()
    return text, Filters(**wanted, without=Facts(**unwanted))


def parse_time(value: str, field: str) -> datetime:
    """Read a day (2026-01-31), a moment (2026-01-31T08:00), or an age (7d, 2w, 3m, 1y) before now."""
    if age := AGE.fullmatch(value.lower()):
        return timezone.now() - timedelta(days=int(age[1]) * DAYS[age[2]])
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise UserError(
            f"{field}:{value} is no time. Write a day, as in {field}:2026-01-31, or an age, as in {field}:7d."
        ) from None
    found = aware(moment)
    assert found is not None
    return found


def _named(field: str, value: str) -> str:
    """Return the name that documents have for what people call it: go for golang, python for py."""
    if field == "kinds":
        return KINDS.get(value.lower(), value.lower().replace("-", "_"))
    if field == "languages":
        name = LANGUAGES.get(value.lower(), value.lower())
        return name if name in EXTENSIONS_BY_LANGUAGE else LANGUAGES_BY_EXTENSION.get(name, name)
    return value
