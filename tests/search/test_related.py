"""What is similar to a document."""

from console.models import Workspace
from ingestion.models import Document, Integration
from search.filters import Filters
from search.related import similar


def document(key: str) -> Document:
    return Document.objects.get(key=key)


def test_other_documents_come_by_likeness(indexed: Integration, workspace: Workspace) -> None:
    found = similar(workspace, document("shop/orders.py"))
    keys = [result.document.key for result in found.results]
    assert "shop/orders.py" not in keys
    assert keys[-1] == "docs/weather.md"


def test_some_lines_have_neighbours_of_their_own(indexed: Integration, workspace: Workspace) -> None:
    found = similar(workspace, document("README.md"), lines=(5, 7), filters=Filters(languages=("python",)))
    assert next(result.document.key for result in found.results) == "shop/orders.py"


def test_another_teams_document_has_no_likeness_here(
    indexed: Integration, foreign: Integration, workspace: Workspace, other_workspace: Workspace
) -> None:
    assert not similar(workspace, document("plan.md")).results
    assert not similar(other_workspace, document("shop/orders.py")).results
    everything = similar(other_workspace, document("plan.md")).results
    assert not everything
