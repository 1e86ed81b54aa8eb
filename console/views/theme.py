"""Light or dark."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from console.models import Theme, User
from console.shell import THEME_COOKIE

YEAR = 31_536_000


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Choose a theme: for the person, and for this browser, where the login page is seen, too."""
    chosen = request.POST.get("theme", "")
    if chosen not in Theme.values:
        return HttpResponseBadRequest("There is no such theme.")
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(theme=chosen)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponse(status=303, headers={"Location": back})
    response.set_cookie(
        THEME_COOKIE, chosen, max_age=YEAR, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
    return response
