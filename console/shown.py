"""Secrets that are shown once: kept encrypted in the session until the next page, which takes them out.

So the page that shows one can be reached by a redirect, and neither a reload nor the way back shows it again.
"""

import base64

from django.http import HttpRequest

from lightfast.lib.crypto import decrypt, encrypt

_KEY = "shown_once"


def show_once(request: HttpRequest, name: str, secret: str) -> None:
    """Keep a secret for the next page that asks for it by name."""
    request.session[_KEY] = [name, base64.b64encode(encrypt({"secret": secret})).decode()]


def take_shown(request: HttpRequest, name: str) -> str:
    """Return the secret kept under a name and forget it; an empty text if there is none."""
    kept = request.session.get(_KEY)
    if not kept or kept[0] != name:
        return ""
    del request.session[_KEY]
    return decrypt(base64.b64decode(kept[1]))["secret"]
