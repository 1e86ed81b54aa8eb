"""GitHub's webhooks: is it GitHub, and what follows."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from ingestion.sources.base import ConnectionChange, Consequence, VerifiedDelivery
from ingestion.sources.errors import BadDelivery, BadSignature

MAX_BYTES = 26_214_400  # 25 MB: GitHub sends nothing larger
LONGEST_ID = 200
SYNCED = {
    "pull_request": "pull request",
    "pull_request_review": "review",
    "pull_request_review_comment": "review comment",
    "issues": "issue",
    "issue_comment": "comment",
    "release": "release",
}
ENDED = {
    "deleted": (ConnectionChange.REVOKED, "The GitHub App was uninstalled. Install it again to go on."),
    "suspend": (
        ConnectionChange.SUSPENDED,
        "The installation was suspended on GitHub. Unsuspend it there to go on.",
    ),
}


def verify(headers: Mapping[str, str], body: bytes, secret: str) -> VerifiedDelivery:
    """Check `X-Hub-Signature-256` over the raw body, in constant time, then read it.

    See https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    """
    if not secret:
        raise BadSignature(
            "No webhook secret is configured. Set GITHUB_WEBHOOK_SECRET or create the App anew."
        )
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = headers.get("x-hub-signature-256", "")
    if not hmac.compare_digest(expected.encode(), given.encode(errors="replace")):
        raise BadSignature(
            "The signature is not that of GitHub. Check that the webhook secret is the same on both sides."
        )
    return read(headers, body)


def read(headers: Mapping[str, str], body: bytes) -> VerifiedDelivery:
    """Read a delivery, in JSON or as a form that holds JSON."""
    delivery_id, event = headers.get("x-github-delivery", ""), headers.get("x-github-event", "")
    if not (_is_name(delivery_id, LONGEST_ID) and _is_name(event, 100)):
        raise BadDelivery("X-GitHub-Delivery and X-GitHub-Event are needed.")
    payload = _payload(headers.get("content-type", ""), body)
    installation, repository = _number(payload.get("installation")), _number(payload.get("repository"))
    return VerifiedDelivery(delivery_id, event, payload, installation, repository)


def _is_name(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isascii() and text.isprintable()


def _payload(content_type: str, body: bytes) -> Mapping[str, Any]:
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
            text = parse_qs(text, max_num_fields=10).get("payload", [""])[0]
        payload = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadDelivery(f"The body cannot be read: {type(error).__name__}.") from None
    if not isinstance(payload, dict):
        raise BadDelivery("The payload is not an object.")
    return payload


def consequence(delivery: VerifiedDelivery) -> Consequence:
    """Return what follows. Payloads are only hints: a sync looks for itself, whatever they say."""
    payload = delivery.payload
    handler = {"push": _push, "installation": _installation, "installation_repositories": _repositories}.get(
        delivery.event
    )
    if handler is not None:
        return handler(payload)
    repository = _number(payload.get("repository"))
    action = str(payload.get("action") or "")
    if delivery.event == "repository" and repository:
        return Consequence(f"The repository was {action or 'changed'}.", (repository,))
    if delivery.event in SYNCED and repository:
        gone = action in ("deleted", "transferred")
        return Consequence(f"A {SYNCED[delivery.event]} was {action or 'changed'}.", (repository,), full=gone)
    if delivery.event == "installation_target" and isinstance(payload.get("account"), dict):
        name = str(payload["account"].get("login") or "")[:200]
        return Consequence(
            "The account was renamed.",
            connection_id=_number(payload.get("installation")),
            connection_name=name,
        )
    if delivery.event == "ping":
        return Consequence("GitHub says hello.")
    if delivery.event == "meta":
        return Consequence(
            "The webhook was deleted on GitHub: pushes are found by the periodic check from now on."
        )
    return Consequence("This event has no consequence.")


def _push(payload: Mapping[str, Any]) -> Consequence:
    repository, ref = _number(payload.get("repository")), str(payload.get("ref") or "")
    if not repository:
        return Consequence("The push names no repository.")
    if not ref.startswith("refs/heads/"):
        return Consequence("A tag was pushed; tags are not indexed.")
    branch = ref.removeprefix("refs/heads/")
    default = payload["repository"].get("default_branch")
    label = "" if branch == default else branch  # to follow the default branch may be news to a source
    return Consequence(f"A push to {branch[:100]}.", (repository,), label=label)


def _installation(payload: Mapping[str, Any]) -> Consequence:
    number, action = _number(payload.get("installation")), str(payload.get("action") or "")
    if action in ENDED:
        change, outcome = ENDED[action]
        return Consequence(outcome, connection_id=number, connection_change=change)
    outcome = {"created": "The App was installed.", "unsuspend": "The installation was unsuspended."}.get(
        action, "The installation's permissions were changed."
    )
    return Consequence(outcome, connection_id=number, connection_change=ConnectionChange.ACTIVE)


def _repositories(payload: Mapping[str, Any]) -> Consequence:
    changed: list[str] = []
    for name in ("repositories_added", "repositories_removed"):
        rows = payload.get(name)
        changed += [_number(row) for row in rows] if isinstance(rows, list) else []
    return Consequence(
        "The installation's repositories were changed.", tuple(number for number in changed if number)
    )


def _number(row: object) -> str:
    """Return the id of what a payload describes, or nothing."""
    value = row.get("id") if isinstance(row, dict) else None
    return str(value) if isinstance(value, int) and value > 0 else ""
