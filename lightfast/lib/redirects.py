"""Where a browser goes after a form."""

from http import HTTPStatus

from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url


class SeeOther(HttpResponseRedirect):
    """Send the browser to a page that it then gets, whatever it did before."""

    status_code = HTTPStatus.SEE_OTHER


def see_other(to: str, *args: object) -> SeeOther:
    """Return a redirect to a view by its name and arguments, or to an address."""
    return SeeOther(resolve_url(to, *args))
