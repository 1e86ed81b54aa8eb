"""Connecting a team to GitHub and its like, and the way back from there."""

from dataclasses import replace
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console.access import Permission, can, get_organization, organization_view
from console.audit import actor_of
from console.models import Organization, User, Workspace
from ingestion import connections
from ingestion.forms import AccountForm, TokenForm
from ingestion.journeys import Journey, Purpose, sign_state, take_state
from ingestion.models import Connection
from ingestion.pipeline.context import context_of
from ingestion.sources import all_sources
from ingestion.sources.base import InstallableSource, NeedsIdentity, TokenSource
from ingestion.sources.errors import SourceError
from lightfast.lib.errors import UserError
from lightfast.lib.redirects import see_other

manages = organization_view(Permission.MANAGE_SOURCES)


@require_safe
@manages
def index(request: HttpRequest, organization: Organization) -> HttpResponse:
    """List a team's connections, and what else it can connect."""
    assert isinstance(request.user, User)
    providers = [
        {
            "manifest": source.manifest,
            "has_app": connections.has_app(slug),
            "installs": isinstance(source, InstallableSource),
            "takes_tokens": isinstance(source, TokenSource),
        }
        for slug, source in sorted(all_sources().items())
        if source.manifest.needs_connection
    ]
    following = _ours(request.GET.get("next", ""))
    values = {
        "organization": organization,
        "connections": Connection.objects.of_organization(organization)
        .with_sources()
        .order_by("kind", "name"),
        "workspaces": Workspace.objects.alive().filter(organization=organization).order_by("name"),
        "providers": providers,
        "next": f"?{urlencode({'next': following})}" if following else "",
        "may_register": connections.may_register(request.user, organization),
    }
    return render(request, "ingestion/connections.html", values)


@require_safe
@manages
def register(request: HttpRequest, organization: Organization, kind: str) -> HttpResponse:
    """Show the form that makes the app of this Lightfast at the provider."""
    assert isinstance(request.user, User)
    source = _installable(kind)
    if not connections.may_register(request.user, organization):
        raise PermissionDenied("Only staff and the owners of the first team may make the app.")
    form = AccountForm(request.GET or None)
    account, public = (
        (form.cleaned_data["account"], form.cleaned_data["public"]) if form.is_valid() else ("", False)
    )
    state = sign_state(_journey(request, organization, kind, Purpose.REGISTER), request)
    registration = source.registration(
        context_of(kind, None), base_url=settings.BASE_URL, account=account, public=public, state=state
    )
    values = {"organization": organization, "kind": kind, "registration": registration, "form": form}
    response = render(request, "ingestion/register.html", values | {"account": account, "public": public})
    target = registration.url.partition("?")[0]
    response._csp_update = {"form-action": [target]}  # type: ignore[attr-defined]
    return response


@require_safe
@login_required
def registered(request: HttpRequest, kind: str) -> HttpResponse:
    """Take the app that somebody has just made, and go on to install it."""
    source = _installable(kind)
    _, organization = _arrive(request, kind, Purpose.REGISTER)
    assert isinstance(request.user, User)
    if not connections.may_register(request.user, organization):
        raise PermissionDenied("Only staff and the owners of the first team may make the app.")
    try:
        app = source.registered(context_of(kind, None), request.GET.get("code", ""))
        connections.save_app(kind=kind, registered=app, organization=organization, actor=actor_of(request))
    except (SourceError, UserError) as error:
        messages.error(request, str(error))
        return redirect("ingestion:connections", organization.slug)
    messages.success(request, f"{app.name} is made. Now install it where your repositories are.")
    return redirect("ingestion:connections", organization.slug)


@require_safe
@manages
def install(request: HttpRequest, organization: Organization, kind: str) -> HttpResponse:
    """Send the person to the provider, to choose what we may read."""
    return _leave(request, organization, kind, identify=False)


@require_safe
@manages
def identify(request: HttpRequest, organization: Organization, kind: str) -> HttpResponse:
    """Send the person to the provider, to connect what is installed already."""
    return _leave(request, organization, kind, identify=True)


def _leave(request: HttpRequest, organization: Organization, kind: str, *, identify: bool) -> HttpResponse:
    source = _installable(kind)
    state = sign_state(_journey(request, organization, kind, Purpose.CONNECT), request)
    context = context_of(kind, None)
    try:
        if identify:
            return redirect(source.identity_url(context, state, connections.callback_url(kind)))
        return redirect(source.install_url(context, state))
    except SourceError as error:
        messages.error(request, str(error))
        return redirect("ingestion:connections", organization.slug)


@require_safe
@login_required
def callback(request: HttpRequest, kind: str) -> HttpResponse:
    """Connect what the person who came back may connect, as the provider confirms it."""
    source = _installable(kind)
    if not request.GET.get("state"):
        messages.info(
            request, "You came back from the provider by yourself. Choose your team, then Connections."
        )
        return redirect("console:home")
    assert isinstance(request.user, User)
    journey, organization = _arrive(request, kind, Purpose.CONNECT)
    given = ("code", "installation_id", "setup_action")
    answer = {**(journey.answer or {}), **{name: request.GET[name] for name in given if name in request.GET}}
    try:
        grants = source.confirm(context_of(kind, None), answer)
    except NeedsIdentity:
        state = sign_state(replace(journey, answer=answer), request)
        return redirect(source.identity_url(context_of(kind, None), state, connections.callback_url(kind)))
    except SourceError as error:
        messages.error(request, str(error))
        return redirect("ingestion:connections", organization.slug)
    if len(grants) > 1:
        values = {
            "organization": organization,
            "kind": kind,
            "grants": connections.sign_grants(grants, request.user),
        }
        return render(request, "ingestion/choose_grant.html", values | {"return_to": journey.return_to})
    connection = connections.save_connection(
        organization=organization, kind=kind, grant=grants[0], actor=actor_of(request)
    )
    messages.success(request, f"{connection.name} is connected. Now choose what to search.")
    return redirect(journey.return_to or _onward(organization, connection))


@require_POST
@manages
def choose(request: HttpRequest, organization: Organization, kind: str) -> HttpResponse:
    """Connect the one of several accounts that the person has chosen."""
    assert isinstance(request.user, User)
    try:
        grant = connections.read_grant(request.POST.get("grant", ""), request.user)
    except UserError as error:
        messages.error(request, str(error))
    else:
        connection = connections.save_connection(
            organization=organization, kind=kind, grant=grant, actor=actor_of(request)
        )
        messages.success(request, f"{grant.name} is connected. Now choose what to search.")
        return see_other(_ours(request.POST.get("return_to", "")) or _onward(organization, connection))
    return see_other("ingestion:connections", organization.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@manages
def token(request: HttpRequest, organization: Organization, kind: str) -> HttpResponse:
    """Connect with a person's token."""
    source = all_sources().get(kind)
    if source is None or not isinstance(source, TokenSource):
        raise Http404("There is no source of this name that takes tokens.")
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            grant = source.check_token(context_of(kind, None), form.cleaned_data["token"])
        except SourceError as error:
            form.add_error("token", str(error))
        else:
            connection = connections.save_connection(
                organization=organization, kind=kind, grant=grant, actor=actor_of(request)
            )
            messages.success(request, f"{grant.name} is connected. Now choose what to search.")
            return see_other(_onward(organization, connection))
    status = 422 if form.errors else 200
    return render(
        request, "ingestion/token.html", {"organization": organization, "form": form}, status=status
    )


@require_POST
@manages
def remove(request: HttpRequest, organization: Organization, connection_id: str) -> HttpResponse:
    """Disconnect an account."""
    connection = get_object_or_404(Connection.objects.of_organization(organization), pk=connection_id)
    connections.remove_connection(connection=connection, actor=actor_of(request))
    messages.success(request, f"{connection.name} is disconnected. What is indexed stays searchable.")
    return see_other("ingestion:connections", organization.slug)


def _onward(organization: Organization, connection: Connection) -> str:
    """Return where resources are chosen, if it is plain for which workspace."""
    workspaces = Workspace.objects.alive().filter(organization=organization)[:2]
    if len(workspaces) != 1:
        return reverse("ingestion:connections", args=[organization.slug])
    return reverse("ingestion:add", args=[organization.slug, workspaces[0].slug, connection.pk])


def _installable(kind: str) -> InstallableSource:
    try:
        return connections.installable(kind)
    except LookupError as error:
        raise Http404(str(error)) from error


def _journey(request: HttpRequest, organization: Organization, kind: str, purpose: Purpose) -> Journey:
    return Journey(kind, purpose, organization.slug, _ours(request.GET.get("next", "")))


def _ours(address: str) -> str:
    """Return an address if it is one of this site."""
    return address if address.startswith("/") and url_has_allowed_host_and_scheme(address, None) else ""


def _arrive(request: HttpRequest, kind: str, purpose: Purpose) -> tuple[Journey, Organization]:
    """Return where somebody who came back was going; a state that is not theirs is refused."""
    assert isinstance(request.user, User)
    try:
        journey = take_state(request.GET.get("state", ""), request, kind=kind, purpose=purpose)
    except UserError as error:
        raise PermissionDenied(str(error)) from error
    organization = get_organization(request.user, journey.organization)
    if not can(request.user, Permission.MANAGE_SOURCES, organization):
        raise PermissionDenied("Your role does not allow this any more. Ask an admin of the team.")
    return journey, organization
