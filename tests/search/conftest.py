"""A workspace with something in it, indexed with the real local model."""

from pathlib import Path

import pytest

from console.models import Workspace
from ingestion.models import Integration, Run
from ingestion.pipeline.finish import finish_run
from ingestion.pipeline.plan import plan_run
from ingestion.pipeline.process import process_batch
from ingestion.services import connect
from tests.ingestion.conftest import unattended
from tests.repositories import Repository

FILES = {
    "README.md": "# Acme\n\nA shop for anvils.\n\n## Payments\n\nMoney is taken when an order ships.\n",
    "shop/webhooks.py": (
        "import hmac\n\n\ndef verify_signature(secret, body, given):\n"
        '    """Check that GitHub signed the body."""\n'
        "    expected = hmac.new(secret, body, 'sha256').hexdigest()\n"
        "    return hmac.compare_digest(expected, given)\n"
    ),
    "shop/orders.py": (
        "class OrderService:\n    def ship(self, order):\n        self.charge(order)\n        order.shipped = True\n"
    ),
    "shop/anvils.js": "export function forgeAnvil(weight) {\n  return { weight, hot: true };\n}\n",
    "docs/weather.md": "# Weather\n\nRain and sunshine over the hills, warm in summer and cold in winter.\n",
}


def index(workspace: Workspace, path: Path) -> Integration:
    """Index a repository here and now."""
    with unattended():
        integration = connect(workspace=workspace, kind="git", resource=str(path), allow_local=True)
        run = Run.objects.get(integration=integration)
        plan_run(run.pk)
        while run.items.filter(state="queued").exclude(action="remove").exists():
            process_batch(run.pk)
        finish_run(run.pk)
    integration.refresh_from_db()
    return integration


@pytest.fixture
def indexed(workspace: Workspace, tmp_path: Path) -> Integration:
    """Return the shop's repository as an indexed source of Acme."""
    repository = Repository(tmp_path / "shop", FILES)
    repository.git("remote", "add", "origin", "https://github.com/acme/shop.git")
    return index(workspace, repository.path)


@pytest.fixture
def foreign(other_workspace: Workspace, tmp_path: Path) -> Integration:
    """Return a source of Evil with a word that Acme's has, too."""
    repository = Repository(tmp_path / "lair", {"plan.md": "# Plan\n\nverify_signature is to be bypassed.\n"})
    return index(other_workspace, repository.path)
