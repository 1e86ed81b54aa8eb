"""The first page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.models import User, Workspace


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """List the workspaces of the person who is logged in."""
    assert isinstance(request.user, User)
    workspaces = Workspace.objects.of_user(request.user).select_related("organization").order_by("name")
    return render(request, "home.html", {"workspaces": workspaces})
