"""The client on the application itself, in the test's own transaction."""

from collections.abc import Iterator

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler

from console.models import Scope, Workspace
from console.services import create_api_key
from lightfast_client import Lightfast
from tests.search.conftest import foreign, indexed  # noqa: F401


@pytest.fixture
def client_key(workspace: Workspace) -> str:
    """Return the text of a key with every scope."""
    return create_api_key(workspace=workspace, name="Client", scopes=[Scope.ADMIN])[1]


@pytest.fixture
def lightfast(client_key: str, application: WSGIHandler) -> Iterator[Lightfast]:
    """Return a client of Acme's workspace."""
    transport = httpx.WSGITransport(app=application)
    with Lightfast("http://localhost", client_key, transport=transport, retries=0) as client:
        yield client
