"""People and their own accounts."""

from allauth.usersessions.models import UserSession
from django.db import transaction

from console.audit import Action, Actor, record
from console.models import Membership, Organization, Role, User
from lightfast.lib.errors import UserError


@transaction.atomic
def change_profile(*, user: User, name: str, actor: Actor) -> User:
    """Give a person another name."""
    before, user.name = user.name, " ".join(name.split())
    if before != user.name:
        user.save(update_fields=["name"])
        record(actor, Action.ACCOUNT_CHANGED, user, before={"name": before}, after={"name": user.name})
    return user


@transaction.atomic
def end_session(*, session: UserSession, actor: Actor) -> None:
    """Log a browser out."""
    record(actor, Action.SESSION_ENDED, session.user, before={"browser": session.user_agent[:200]})
    session.end()


def teams_without(user: User) -> list[Organization]:
    """Return the teams that would have no owner without a person."""
    owned = Organization.objects.alive().filter(memberships__user=user, memberships__role=Role.OWNER)
    others = Membership.objects.filter(role=Role.OWNER).exclude(user=user).values("organization")
    return list(owned.exclude(pk__in=others).order_by("name"))


@transaction.atomic
def delete_account(*, user: User, actor: Actor) -> None:
    """Delete a person's account; what they did stays in the audit trail, by name."""
    owned = Organization.objects.filter(memberships__user=user, memberships__role=Role.OWNER)
    list(owned.order_by("pk").select_for_update(of=("self",)))
    if teams := teams_without(user):
        names = ", ".join(team.name for team in teams)
        raise UserError(
            f"You are the last owner of {names}. Make somebody else an owner, or delete the team first."
        )
    for session in UserSession.objects.filter(user=user):
        session.end()
    record(actor, Action.ACCOUNT_DELETED, user, before={"email": user.email, "name": user.name})
    user.delete()
