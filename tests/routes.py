"""Every URL and API operation of Lightfast, each with who may use it.

A new route goes into PAGES if it is a team's, else into OPEN; an operation goes into OPERATIONS. A parameter that no
route had before gets its property of `World`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from console.audit import Actor
from console.models import Membership, Role, Scope, User, Workspace
from console.services import create_api_key, invite
from ingestion.models import Connection, Delivery, Integration, Purge, PurgeSubject
from lightfast.api import api
from search.models import Evaluation
from tests.rows import make_document, make_run, make_source

# Those of others: allauth's are allauth's to test, Django's admin is for staff alone.
FOREIGN = ("accounts/", "admin/")

# What a team's roles are answered: 200 is a page, 303 follows what was done, 422 is a form that lacks something.
#
# route                              method  member admin owner
PAGES = """
console:team                         GET     200    200   200
console:team_settings                GET     200    200   200
console:team_settings                POST    403    422   422
console:transfer                     POST    403    403   422
console:leave                        POST    303    303   303
console:members                      GET     200    200   200
console:invite                       POST    403    422   422
console:role                         POST    403    303   303
console:remove_member                POST    403    303   303
console:resend                       POST    403    303   303
console:revoke_invitation            POST    403    303   303
console:team_activity                GET     403    200   200
console:team_activity_export         GET     403    200   200   form=csv
ingestion:connections                GET     403    200   200
ingestion:register                   GET     403    403   200   kind=github
ingestion:install                    GET     403    302   302   kind=github
ingestion:identify                   GET     403    302   302   kind=github
ingestion:choose                     POST    403    303   303   kind=github
ingestion:token                      GET     403    200   200   kind=github
ingestion:token                      POST    403    422   422   kind=github
ingestion:remove_connection          POST    403    303   303
ingestion:deliveries                 GET     403    403   200
ingestion:delivery                   GET     403    403   200
ingestion:replay                     POST    403    403   303
ingestion:receipt                    GET     403    200   200
ingestion:delete_team                GET     403    403   200
ingestion:delete_team                POST    403    403   422
ingestion:overview                   GET     200    200   200
console:setup                        GET     403    200   200
console:dismiss_setup                POST    403    303   303
search:page                          GET     200    200   200
search:settled                       POST    204    204   204
search:document                      GET     200    200   200
search:related                       GET     200    200   200
ingestion:sources                    GET     200    200   200
ingestion:choose_source              GET     403    200   200
ingestion:add_git                    GET     403    200   200
ingestion:add_git                    POST    403    422   422
ingestion:paste_source               GET     403    200   200   kind=git
ingestion:paste_source               POST    403    422   422   kind=git
ingestion:add                        GET     403    302   302
ingestion:add                        POST    403    302   302
ingestion:source                     GET     200    200   200
ingestion:source_documents           GET     200    200   200
ingestion:source_omissions           GET     200    200   200
ingestion:config                     GET     200    200   200
ingestion:source_settings            POST    403    303   303
ingestion:source_sync                POST    403    303   303
ingestion:source_pause               POST    403    303   303
ingestion:source_resume              POST    403    303   303
ingestion:source_remove              POST    403    303   303
ingestion:source_receipt             GET     200    200   200
ingestion:jobs                       GET     200    200   200
ingestion:job                        GET     200    200   200
ingestion:job_row                    GET     200    200   200
ingestion:confirm_all                POST    403    303   303
ingestion:job_confirm                POST    403    303   303
ingestion:job_cancel                 POST    403    303   303
ingestion:job_retry                  POST    403    303   303
console:activity                     GET     200    200   200
console:activity_recent              GET     302    302   302
console:activity_export              GET     403    200   200   form=json
ingestion:insights                   GET     200    200   200
search:insights                      GET     200    200   200
search:quality                       GET     200    200   200
search:measure                       POST    403    404   404
search:evaluation                    GET     200    200   200
console:keys                         GET     403    200   200
console:new_key                      GET     403    200   200
console:new_key                      POST    403    422   422
console:key                          GET     403    200   200
console:key                          POST    403    422   422
console:rotate_key                   POST    403    303   303
console:revoke_key                   POST    403    303   303
console:workspace_settings           GET     403    200   200
console:workspace_settings           POST    403    422   422
console:workspace_export             POST    403    403   200
ingestion:budget                     GET     403    200   200
ingestion:budget                     POST    403    303   303
ingestion:configure_store            POST    403    303   303
ingestion:delete_workspace           GET     403    200   200
ingestion:delete_workspace           POST    403    422   422
"""

# Routes of nobody's team: what they are answered without a login; with one, they show one's own.
OPEN = """
console:home            200
console:profile         302
console:theme           400
console:styleguide      302
console:new_team        302
console:new_workspace   302
console:delete_account  302
console:end_session     302   session_id=1
ingestion:team_receipt  302
mcp                     401
console:invitation      404   token=unknown
console:join            302
ingestion:webhooks      404   kind=unknown
ingestion:registered    302   kind=github
ingestion:callback      302   kind=github
metrics                 404
nothing                 404   rest=elsewhere
api:openapi-json        200
api:openapi-view        200
"""

# The scope that a key needs for each operation of the API; `any` is any key.
OPERATIONS = """
search            search
similar           search
get_document      read
list_documents    read
contents          read
usage             read
list_sources      read
get_source        read
sync_source       sync
pause_source      sync
resume_source     sync
list_runs         read
get_run           read
list_run_items    read
cancel_run        sync
confirm_run       sync
retry_run         sync
list_stores       read
whoami            any
list_keys         admin
create_key        admin
revoke_key        admin
list_activity     admin
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One method of a route of a team: the answer to each role, and parameters that only this route takes so."""

    name: str
    method: str
    statuses: dict[Role, int]
    given: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API."""

    name: str
    method: str
    path: str
    scope: str

    def __str__(self) -> str:
        return self.name

    @property
    def parameters(self) -> list[str]:
        """The names of what stands in its path."""
        return re.findall(r"{(\w+)}", self.path)

    def address(self, world: "World") -> str:
        """Return its address for the things of a team."""
        return self.path.format(**{name: world.value(name) for name in self.parameters})


def pages() -> list[Row]:
    """Return the rows of PAGES."""
    rows = [line.split() for line in PAGES.strip().splitlines()]
    return [
        Row(
            name,
            method,
            {Role.MEMBER: int(member), Role.ADMIN: int(admin), Role.OWNER: int(owner)},
            dict(given.split("=") for given in rest),
        )
        for name, method, member, admin, owner, *rest in rows
    ]


def open_pages() -> list[tuple[str, int, dict[str, str]]]:
    """Return the rows of OPEN: route, status, and parameters."""
    rows = [line.split() for line in OPEN.strip().splitlines()]
    return [(name, int(status), dict(given.split("=") for given in rest)) for name, status, *rest in rows]


def operations() -> list[Operation]:
    """Return every operation of the API; one without a row in OPERATIONS has the scope `?`."""
    scopes = dict(line.split() for line in OPERATIONS.strip().splitlines())
    return [
        Operation(found["operationId"], method.upper(), path, scopes.get(found["operationId"], "?"))
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, found in methods.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]


def parameters_of() -> dict[str, list[str]]:
    """Return every named route of ours, with the names of its parameters."""
    return {name: list(pattern.pattern.converters) for name, pattern in _walk(get_resolver())}


def _walk(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for found in resolver.url_patterns:
        if str(found.pattern).startswith(FOREIGN):
            continue
        if isinstance(found, URLResolver):
            yield from _walk(found, f"{namespace}{found.namespace}:" if found.namespace else namespace)
        elif not namespace.startswith("api:") or "docs" in str(found.pattern) or found.name == "openapi-json":
            yield f"{namespace}{found.name}", found


class World:
    """A team with something of everything, made when a route asks for it by the name of its parameter."""

    def __init__(self, workspace: Workspace) -> None:
        self.team, self.place = workspace.organization, workspace

    def address(self, name: str, parameters: list[str], given: dict[str, str], **others: str) -> str:
        """Return the address of a route for the things of this team, or of `others`."""
        return reverse(
            name, kwargs={one: others.get(one) or given.get(one) or self.value(one) for one in parameters}
        )

    def value(self, parameter: str) -> str:
        """Return what stands for a parameter in addresses of this team."""
        made = getattr(self, parameter, None)
        assert made is not None, (
            f"Say in tests/routes.py what {parameter!r} is: a property of World, or given in a row."
        )
        return str(made)

    @property
    def signs(self) -> list[str]:
        """What tells of this team wherever it stands."""
        ids = [self.team.pk, self.place.pk, self.source_id]
        return [*map(str, ids), f"/{self.team.slug}/", "@acme.example"]

    @property
    def organization(self) -> str:
        return self.team.slug

    @property
    def workspace(self) -> str:
        return self.place.slug

    @cached_property
    def source(self) -> Integration:
        source = make_source(self.place)
        source.connection = self.connection
        source.save()
        return source

    @cached_property
    def connection(self) -> Connection:
        return Connection.objects.create(organization=self.team, kind="github", name="acme", external_id="1")

    @property
    def source_id(self) -> UUID:
        return self.source.pk

    @property
    def connection_id(self) -> UUID:
        return self.connection.pk

    @cached_property
    def document_id(self) -> UUID:
        return make_document(self.source, "README.md").pk

    @cached_property
    def run_id(self) -> UUID:
        return make_run(self.source).pk

    @property
    def job_id(self) -> UUID:
        return self.run_id

    @cached_property
    def key_id(self) -> UUID:
        return create_api_key(workspace=self.place, name="Laptop", scopes=[Scope.SEARCH])[0].pk

    @property
    def store_id(self) -> UUID:
        return self.source.store_id

    @cached_property
    def delivery_id(self) -> UUID:
        self.connection  # noqa: B018
        return Delivery.objects.create(
            provider="github", delivery_id="1", event="push", origin="1", body=b"{}", headers={}
        ).pk

    @cached_property
    def purge_id(self) -> UUID:
        return Purge.objects.create(
            subject=PurgeSubject.INTEGRATION,
            subject_id=UUID(int=1),
            name="api",
            organization=self.team,
            workspace_id=self.place.pk,
        ).pk

    @cached_property
    def evaluation_id(self) -> UUID:
        return Evaluation.objects.create(
            workspace=self.place, integration=self.source, source_name="api", origin="titles"
        ).pk

    @cached_property
    def membership_id(self) -> UUID:
        carol = User.objects.create_user("carol@acme.example")
        return Membership.objects.create(organization=self.team, user=carol, role=Role.MEMBER).pk

    @cached_property
    def invitation_id(self) -> UUID:
        owner = self.team.memberships.select_related("user").get(role=Role.OWNER).user
        invitation, _ = invite(
            organization=self.team, email="dave@acme.example", role=Role.MEMBER, actor=Actor(user=owner)
        )
        return invitation.pk
