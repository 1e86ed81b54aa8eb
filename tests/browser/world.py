"""A workspace in which everything has happened once, and the addresses of all its pages."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from console.audit import Actor
from console.models import Membership, Organization, Role, Scope, User, Workspace
from console.services import create_api_key, create_organization, create_workspace, invite
from ingestion.models import Connection, Delivery, Document, Integration, Run, Store
from tests.repositories import Repository
from tests.search.conftest import FILES, index

ROOT = Path(__file__).resolve().parent.parent.parent
# Whole parts of the address space that are not the console's.
OTHERS = ("admin/", "api/", "mcp", "metrics", "health", "webhooks/")
# Things that the small world does not make.
OPTIONAL = {"purge_id", "evaluation_id", "session_id", "invitation_id", "membership_id"}
# Addresses that only make sense with what a mail or another service brings.
BROUGHT = {"key", "uidb36", "provider_id", "pk"}


@dataclass(slots=True)
class World:
    """The people and things of one team."""

    owner: User
    team: Organization
    workspace: Workspace
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """A page of the console: the name of its URL, and where it is."""

    name: str
    path: str
    anonymous: bool = False

    @property
    def file_name(self) -> str:
        """The name as that of a file."""
        return self.name.replace(":", "-").replace("_", "-")


def make_world(folder: Path, *, real: bool = False) -> World:
    """Make it: a repository indexed twice, people, a key, an invitation; `real` takes this project's own texts."""
    owner = User.objects.create_user("ada@acme.example", "correct horse battery staple", name="Ada Byron")
    owner.is_staff = True
    owner.save()
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    actor = Actor(user=owner, ip_address="127.0.0.1")
    team = create_organization(name="Acme", owner=owner)
    workspace = create_workspace(organization=team, name="Core", actor=actor)
    create_workspace(organization=team, name="Handbook", actor=actor)
    for email, name, role in (
        ("grace@acme.example", "Grace Hopper", Role.ADMIN),
        ("alan@acme.example", "Alan Turing", Role.MEMBER),
    ):
        user = User.objects.create_user(email, "correct horse battery staple", name=name)
        Membership.objects.create(organization=team, user=user, role=role)
    _, token = invite(organization=team, email="edsger@acme.example", role=Role.MEMBER, actor=actor)
    key, _ = create_api_key(workspace=workspace, name="CI", scopes=[Scope.SEARCH, Scope.READ], actor=actor)
    source = index(workspace, _repository(folder, real=real))
    # Pages show where a source is, and this folder is of no interest.
    Integration.objects.filter(pk=source.pk).update(resource_id="https://github.com/acme/shop.git")
    arguments = {
        "organization": team.slug,
        "workspace": workspace.slug,
        "token": token,
        "key_id": key.pk,
        "source_id": source.pk,
        "kind": "github",
        "job_id": Run.objects.in_workspace(workspace).latest("created_at").pk,
        "document_id": Document.objects.filter(integration=source).order_by("key").latest("size").pk,
        "store_id": Store.objects.get(workspace=workspace).pk,
        "form": "csv",
        **_rare(team),
    }
    return World(owner, team, workspace, arguments)


def _repository(folder: Path, *, real: bool) -> Path:
    repository = Repository(folder / "shop", FILES)
    repository.git("remote", "add", "origin", "https://github.com/acme/shop.git")
    if real:
        for part in ("docs", "console", "search"):
            shutil.copytree(
                ROOT / part,
                repository.path / part,
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("screenshots", "__pycache__", "*.json", "migrations"),
            )
        repository.commit({}, "Write the first version")
    return repository.path


def _rare(team: Organization) -> dict[str, Any]:
    connection = Connection.objects.create(organization=team, kind="github", name="acme", external_id="1")
    delivery = Delivery.objects.create(
        provider="github",
        delivery_id="72d3162e-cc78-11e3-81ab-4c9367dc0958",
        event="push",
        origin=connection.external_id,
        headers={"X-GitHub-Event": "push"},
        body=b'{"ref": "refs/heads/main"}',
        state="processed",
        outcome="1 source will be synced.",
    )
    return {"connection_id": connection.pk, "delivery_id": delivery.pk}


def addresses(world: World) -> list[Address]:
    """Return every page that the URL configuration knows and that answers with a whole page."""
    inside, outside = Client(), Client()
    inside.force_login(world.owner)
    found: list[Address] = []
    for name, parameters in sorted(set(_named(get_resolver()))):
        if set(parameters) & BROUGHT:
            continue
        try:
            path = reverse(name, kwargs={each: world.arguments[each] for each in parameters})
        except KeyError as error:
            if error.args[0] in OPTIONAL:
                continue
            raise AssertionError(f"{name} wants {error}: give tests/browser/world.py one to show") from error
        except NoReverseMatch:
            continue
        for client in (inside, outside):
            if _is_page(client, path):
                found.append(Address(name, path, anonymous=client is outside))
                break
    return found


def _is_page(client: Client, path: str) -> bool:
    answer = client.get(path)
    html = answer.get("Content-Type", "").startswith("text/html")
    return answer.status_code == 200 and html and not answer.streaming and b"<html" in answer.content


def _named(resolver: URLResolver, prefix: str = "", namespace: str = "") -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if route.startswith(OTHERS):
            continue
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found += _named(pattern, route, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            names = [*_parameters(prefix), *pattern.pattern.regex.groupindex]
            found.append((namespace + pattern.name, tuple(names)))
    return found


def _parameters(route: str) -> list[str]:
    return [part.split(">")[0].split(":")[-1] for part in route.split("<")[1:] if ">" in part]
