"""What the shell of every page knows: one's teams and workspaces, and the theme."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import FilteredRelation, Q
from django.http import HttpRequest

from console.models import Membership, Organization, Theme, User, Workspace

THEME_COOKIE = "lightfast_theme"


@dataclass(slots=True)
class Place:
    """A team of a person, with its workspaces as pairs of slug and name."""

    slug: str
    name: str
    role: str
    workspaces: list[tuple[str, str]] = field(default_factory=list)


class Shell:
    """The frame of one page; its query runs when the frame is rendered."""

    def __init__(self, request: HttpRequest) -> None:
        """Take the request whose page it is."""
        self.request = request

    @cached_property
    def theme(self) -> str:
        """The theme that was chosen: by the person, else in this browser."""
        user = getattr(self.request, "user", None)
        chosen = user.theme if isinstance(user, User) else self.request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in Theme.values else Theme.SYSTEM.value

    @cached_property
    def teams(self) -> list[Place]:
        """The teams of the person with their workspaces, by name; one query."""
        user = getattr(self.request, "user", None)
        if not isinstance(user, User):
            return []
        rows = (
            Membership.objects.filter(user=user, organization__deleted_at=None)
            .annotate(
                alive=FilteredRelation(
                    "organization__workspaces", condition=Q(organization__workspaces__deleted_at=None)
                )
            )
            .order_by("organization__name", "organization__slug", "alive__name")
            .values_list("organization__slug", "organization__name", "role", "alive__slug", "alive__name")
        )
        found: dict[str, Place] = {}
        for slug, name, role, workspace_slug, workspace_name in rows:
            place = found.setdefault(slug, Place(slug, name, role))
            if workspace_slug:
                place.workspaces.append((workspace_slug, workspace_name))
        return list(found.values())

    @property
    def is_new(self) -> bool:
        """Whether nobody has an account yet."""
        return not User.objects.exists()

    def role_in(self, organization: Organization) -> str:
        """Return the person's role in a team, or an empty text."""
        return next((place.role for place in self.teams if place.slug == organization.slug), "")


@dataclass(frozen=True, slots=True)
class Here:
    """The team and the workspace that a page is about."""

    team: Organization | None = None
    workspace: Workspace | None = None
    account: bool = False

    @property
    def has_menu(self) -> bool:
        """Whether the page has a menu at its side."""
        return self.team is not None or self.account


def shell(request: HttpRequest) -> dict[str, object]:
    """Give every template the shell."""
    return {"shell": Shell(request)}
