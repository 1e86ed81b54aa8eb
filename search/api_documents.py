"""Documents: what there is, and what is in it."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from console.auth import ApiKeyAuth, key_of
from console.models import Scope
from ingestion.models import Document
from lightfast.lib.pagination import newest_first
from search.documents import document_or_404, documents_of
from search.present import document_out, document_row, filters_of
from search.schemas import ContentsIn, ContentsOut, DocumentOut, Documents, DocumentsIn, LinesIn

router = Router(tags=["documents"])


@router.get("/documents", auth=ApiKeyAuth(Scope.READ), response=Documents, operation_id="list_documents")
def list_documents(request: HttpRequest, page: Query[DocumentsIn]) -> Documents:
    """List the documents of the workspace, narrowed down by what they are; `paths` are globs."""
    rows = documents_of(key_of(request).workspace, filters_of(page))
    found = newest_first(rows, cursor=page.cursor, limit=page.limit)
    return Documents(items=[document_row(row) for row in found.items], next=found.next)


@router.get(
    "/documents/{document_id}", auth=ApiKeyAuth(Scope.READ), response=DocumentOut, operation_id="get_document"
)
def read_document(request: HttpRequest, document_id: UUID, lines: Query[LinesIn]) -> DocumentOut:
    """Return a document, whole or a range of its lines; lines beyond its end are left out."""
    document = document_or_404(key_of(request).workspace, document_id)
    return document_out(document, first_line=lines.first_line, last_line=lines.last_line)


@router.post("/contents", auth=ApiKeyAuth(Scope.READ), response=ContentsOut, operation_id="contents")
def post_contents(request: HttpRequest, body: ContentsIn) -> ContentsOut:
    """Return the contents of several documents at once, whole or ranges of their lines."""
    mine = Document.objects.in_workspace(key_of(request).workspace).select_related("integration")
    found = mine.in_bulk([part.id for part in body.documents])
    return ContentsOut(
        documents=[
            document_out(found[part.id], first_line=part.first_line, last_line=part.last_line)
            for part in body.documents
            if part.id in found
        ],
        missing=list(dict.fromkeys(part.id for part in body.documents if part.id not in found)),
    )
