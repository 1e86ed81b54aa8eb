"""Every piece of the design system in every state, for staff."""

from datetime import timedelta

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.models import User
from console.states import STATES


class ExampleForm(forms.Form):
    """A field of each sort."""

    name = forms.CharField(help_text="As it stands on pages.")
    address = forms.URLField(required=False, assume_scheme="https")
    model = forms.ChoiceField(choices=[("local", "Local model"), ("voyage", "voyage-code-3")])
    notes = forms.CharField(widget=forms.Textarea, required=False)
    scopes = forms.MultipleChoiceField(
        choices=[("search", "Search"), ("read", "Read documents")],
        widget=forms.CheckboxSelectMultiple,
        help_text="What the key may do.",
    )
    role = forms.ChoiceField(choices=[("admin", "Admin"), ("member", "Member")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="Index pull requests, too", help_text="Adds about 1,200 documents.")


@require_safe
@login_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show the components."""
    assert isinstance(request.user, User)
    if not request.user.is_staff:
        raise PermissionDenied("The style guide is for staff.")
    now = timezone.now()
    values = {
        "states": STATES,
        "disguised": "invoice\u202egnp.exe",
        "tones": ["info", "success", "warning", "danger"],
        "empty_form": ExampleForm(),
        "wrong_form": ExampleForm({"name": "", "address": "not an address", "scopes": ["none"]}),
        "times": [now, now - timedelta(minutes=3), now - timedelta(days=40), now + timedelta(hours=2), None],
        "page": Paginator(range(95), 20).page(2),
        "tabs": [
            {"label": "Documents", "href": "#tabs", "current": True, "count": 1204},
            {"label": "Skipped", "href": "#tabs", "current": False, "count": 12},
            {"label": "Settings", "href": "#tabs", "current": False, "icon": "settings"},
        ],
    }
    return render(request, "styleguide.html", values)
