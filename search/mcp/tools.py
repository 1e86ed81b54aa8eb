"""The tools: what an agent can ask of a workspace."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from console.audit import Actor
from console.models import Scope, Workspace
from ingestion.models import Document, Integration
from ingestion.sources import get_source
from lightfast.lib.errors import UserError
from lightfast.lib.pagination import newest_first
from search.documents import documents_of
from search.filters import Filters
from search.mcp.answers import Found, Lines, Listing, SourceList, SourceState, found, listed
from search.mcp.caller import caller, tool
from search.modes import Mode
from search.present import offset_of
from search.related import similar as find_similar
from search.retrieve import get_document
from search.retrieve import search as find

MOST_LINES = 400  # of a document at once
MOST_CHARACTERS = 40_000

Cursor = Annotated[
    str | None, Field(max_length=200, description="`next_cursor` of the answer before, for more.")
]
Sources = Annotated[
    list[str] | None, Field(max_length=20, description="Only these sources, by name (see list_sources).")
]
Paths = Annotated[
    list[str] | None,
    Field(max_length=20, description="Only these paths, as globs: `src/`, `*.py`, `docs/**/*.md`."),
]
Languages = Annotated[
    list[str] | None, Field(max_length=20, description="Only these, such as `python` or `go`.")
]
Kinds = Annotated[
    list[str] | None,
    Field(max_length=20, description="Only these, such as `file`, `issue` or `pull_request`."),
]
Within = Annotated[str | None, Field(max_length=300, description="Its source, where a path is in several.")]
Line = Annotated[int, Field(ge=1, le=2**31 - 1)]
Target = Annotated[
    str,
    Field(
        min_length=1, max_length=4096, description="The id of a document, as search gives it, or its path."
    ),
]


@tool(Scope.SEARCH, title="Search by meaning and words")
def search(
    query: Annotated[
        str,
        Field(
            max_length=2000,
            description='A question, words, an identifier or a file; "quotes" are found as they are. '
            "Filters may stand in it: repo:shop lang:go -path:vendor/ kind:issue state:open after:2026-01-31",
        ),
    ],
    mode: Annotated[
        Literal["hybrid", "semantic", "lexical"],
        Field(description="`hybrid` is best for nearly everything."),
    ] = "hybrid",
    source: Sources = None,
    path: Paths = None,
    language: Languages = None,
    kind: Kinds = None,
    limit: Annotated[int, Field(ge=1, le=20, description="Documents at most.")] = 8,
    cursor: Cursor = None,
) -> Found:
    """Use this when you want to find where something is done, described or decided, and do not know its exact text.

    Best first, each with its most telling lines. For an exact name or text use grep; to read on, read_document.
    """
    return _search(query, Mode(mode), _filters(source, path, language, kind), limit, cursor)


@tool(Scope.SEARCH, title="Find lines by text or pattern")
def grep(
    pattern: Annotated[
        str,
        Field(max_length=2000, description="A text, or with `regex` an RE2 pattern. Each line is looked at."),
    ],
    regex: Annotated[bool, Field(description="Whether `pattern` is a regular expression (RE2).")] = False,
    source: Sources = None,
    path: Paths = None,
    language: Languages = None,
    kind: Kinds = None,
    limit: Annotated[int, Field(ge=1, le=50, description="Documents at most.")] = 15,
    cursor: Cursor = None,
) -> Found:
    """Use this when you know the exact text: an identifier, an error message, a configuration key, every use of a name.

    Line-accurate, with two lines around each match. A text in lower case is found in any case.
    """
    mode = Mode.REGEX if regex else Mode.EXACT
    return _search(pattern, mode, _filters(source, path, language, kind), limit, cursor, syntax=False)


@tool(Scope.READ, title="Read a document")
def read_document(
    document: Target,
    source: Within = None,
    first_line: Line = 1,
    last_line: Annotated[Line | None, Field(description="At most 400 lines are sent at once.")] = None,
) -> Lines:
    """Use this when a search result is not enough: it reads a document, or a range of its lines.

    `next_line` says where to go on.
    """
    row = _document(document, source)
    rows = row.text.removesuffix("\n").split("\n")
    first = min(first_line, len(rows))
    last = max(first, min(last_line or len(rows), first + MOST_LINES - 1, len(rows)))
    while last > first and sum(map(len, rows[first - 1 : last])) > MOST_CHARACTERS:
        last = first + (last - first) // 2
    return Lines(
        document=row.pk,
        source=row.integration.name,
        path=row.key,
        url=get_source(row.integration.kind).line_url(row.url, first, last),
        language=row.language,
        first_line=first,
        last_line=last,
        lines=len(rows),
        next_line=last + 1 if last < len(rows) else None,
        text="\n".join(rows[first - 1 : last])[:MOST_CHARACTERS],
    )


@tool(Scope.READ, title="List documents")
def list_documents(
    path: Paths = None,
    source: Sources = None,
    language: Languages = None,
    kind: Kinds = None,
    limit: Annotated[int, Field(ge=1, le=100, description="Documents at most.")] = 50,
    cursor: Cursor = None,
) -> Listing:
    """Use this when you want to know which documents there are, such as the files of a folder.

    To find something in them use search or grep.
    """
    rows = documents_of(_workspace(), _filters(source, path, language, kind))
    page = newest_first(rows, cursor=cursor, limit=limit)
    return Listing(documents=[listed(row) for row in page.items], next_cursor=page.next)


@tool(Scope.READ, title="List sources")
def list_sources(cursor: Cursor = None) -> SourceList:
    """Use this when you want to know what is indexed here, or how fresh it is."""
    page = newest_first(
        Integration.objects.in_workspace(_workspace()).with_documents(), cursor=cursor, limit=100
    )
    sources = [
        SourceState(
            name=row.name,
            kind=row.kind,
            documents=getattr(row, "documents_count", 0),
            state=row.state,
            branch=row.cursor_label,
            synced_at=row.synced_at,
            notice=row.notice or row.state_reason,
        )
        for row in page.items
    ]
    return SourceList(sources=sources, next_cursor=page.next)


@tool(Scope.SEARCH, title="Find similar documents")
def similar(
    document: Target,
    source: Within = None,
    first_line: Annotated[Line | None, Field(description="Only these lines of it.")] = None,
    last_line: Line | None = None,
    limit: Annotated[int, Field(ge=1, le=20, description="Documents at most.")] = 8,
    cursor: Cursor = None,
) -> Found:
    """Use this when you have a document, or lines of it, and want others that are about the same.

    It finds code to reuse, duplicates, and issues like this one.
    """
    row, offset = _document(document, source), offset_of(cursor)
    part = first_line is not None or last_line is not None
    lines = (first_line or 1, last_line or row.lines) if part else None
    results = find_similar(_workspace(), row, lines=lines, limit=limit, offset=offset)
    return found(results, offset=offset, limit=limit)


def _search(
    text: str, mode: Mode, filters: Filters, limit: int, cursor: str | None, *, syntax: bool = True
) -> Found:
    offset = offset_of(cursor)
    results = find(
        _workspace(),
        text,
        filters=filters,
        mode=mode,
        limit=limit,
        offset=offset,
        actor=_actor(),
        syntax=syntax,
    )
    return found(results, offset=offset, limit=limit)


def _filters(
    source: list[str] | None, path: list[str] | None, language: list[str] | None, kind: list[str] | None
) -> Filters:
    return Filters(
        sources=tuple(source or ()),
        paths=tuple(path or ()),
        languages=tuple(language or ()),
        kinds=tuple(kind or ()),
    )


def _document(named: str, source: str | None) -> Document:
    """Return a document by its id or its path; raise `UserError`."""
    workspace = _workspace()
    try:
        by_id = get_document(workspace, UUID(named))
    except ValueError:
        by_id = None
    if by_id is not None:
        return by_id
    filters = Filters(sources=(source,) if source else ())
    rows = documents_of(workspace, filters).defer(None).filter(key=named.replace("\0", ""))
    found_rows = list(rows.select_related("integration")[:5])
    if not found_rows:
        raise UserError(f"There is no document {named!r} here. Find it with search, grep or list_documents.")
    if len(found_rows) > 1:
        names = ", ".join(sorted({row.integration.name for row in found_rows}))
        raise UserError(f"{named!r} is in several sources: {names}. Name one as `source`.")
    return found_rows[0]


def _actor() -> Actor:
    return caller.get()


def _workspace() -> Workspace:
    key = _actor().api_key
    assert key is not None
    return key.workspace
