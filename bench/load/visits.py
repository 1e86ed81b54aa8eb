"""Pages of the console, asked for by many people at once."""

import asyncio

from django.conf import settings
from django.test import Client
from django.urls import reverse

from bench.load.client import prepared, visitors
from bench.load.installation import up
from bench.load.report import Figures
from bench.load.searches import figures_of
from console.models import Membership, Role, User, Workspace
from ingestion.models import Integration

VISITORS = (1, 10, 30)
PAGES = ("ingestion:overview", "ingestion:sources", "ingestion:jobs", "console:activity", "search:page")


def measure(workspace: Workspace, *, seconds: int) -> list[Figures]:
    """Return throughput and times by the number of people, who go from page to page without a rest."""
    cookies = [_logged_in(workspace, number) for number in range(max(VISITORS))]
    source = Integration.objects.filter(workspace=workspace).order_by("pk").first()
    assert source is not None
    place = [workspace.organization.slug, workspace.slug]
    paths = [reverse(name, args=place) for name in PAGES]
    paths += [
        reverse(f"ingestion:{name}", args=[*place, source.pk]) for name in ("source", "source_documents")
    ]
    with up("--no-worker", "--no-scheduler") as address:

        def request(visitor: int, turn: int) -> bytes:
            path = paths[(visitor + turn) % len(paths)]
            return prepared("GET", address + path, headers={"Cookie": cookies[visitor]})

        asyncio.run(visitors(address, 8, 3, request))
        return [
            figures_of(asyncio.run(visitors(address, number, seconds, request)), seconds)
            for number in VISITORS
        ]


def _logged_in(workspace: Workspace, number: int) -> str:
    """Return the cookie of a member of the team."""
    user = User.objects.create_user(f"visitor{number}@lightfast.localhost", "correct horse battery staple")
    Membership.objects.create(organization=workspace.organization, user=user, role=Role.MEMBER)
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"
