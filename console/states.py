"""How the states of rows are shown: a word, an icon and a tone, so that color alone never says anything."""

from typing import NamedTuple


class Look(NamedTuple):
    """How one state is shown."""

    label: str
    icon: str
    tone: str


STATES: dict[str, Look] = {
    # runs and their items
    "queued": Look("Queued", "clock", "neutral"),
    "running": Look("Running", "loader-circle", "accent"),
    "leased": Look("In work", "loader-circle", "accent"),
    "completed": Look("Completed", "circle-check", "success"),
    "completed_with_errors": Look("Completed with errors", "triangle-alert", "warning"),
    "done": Look("Done", "circle-check", "success"),
    "skipped": Look("Skipped", "circle-slash", "neutral"),
    "failed": Look("Failed", "circle-x", "danger"),
    "cancelled": Look("Cancelled", "ban", "neutral"),
    "budget": Look("On hold: budget", "wallet", "warning"),
    "confirmation": Look("Waits for your go-ahead", "hand", "warning"),
    # what a run does with a document
    "add": Look("Added", "plus", "success"),
    "change": Look("Changed", "pencil", "info"),
    "remove": Look("Removed", "minus", "neutral"),
    # sources and connections
    "active": Look("Active", "circle-check", "success"),
    "syncing": Look("Syncing", "loader-circle", "accent"),
    "paused": Look("Paused", "circle-pause", "neutral"),
    "blocked": Look("Needs attention", "octagon-alert", "danger"),
    "removing": Look("Being removed", "trash-2", "neutral"),
    "suspended": Look("Suspended", "circle-pause", "warning"),
    "revoked": Look("Revoked", "ban", "neutral"),
    # a source's configuration
    "unknown": Look("Not read yet", "circle-question-mark", "neutral"),
    "default": Look("Defaults", "circle-dashed", "neutral"),
    "configured": Look("Configured", "circle-check", "success"),
    "invalid": Look("Invalid", "circle-x", "danger"),
    # deliveries
    "received": Look("Received", "inbox", "info"),
    "processed": Look("Processed", "circle-check", "success"),
    "ignored": Look("Ignored", "circle-slash", "neutral"),
    # documents
    "fresh": Look("Fresh", "circle-check", "success"),
    "stale": Look("Stale", "history", "warning"),
    "indexed": Look("Indexed", "circle-check", "success"),
    # keys, invitations, steps
    "pending": Look("Pending", "clock", "neutral"),
    "accepted": Look("Accepted", "circle-check", "success"),
    "expired": Look("Expired", "timer-off", "warning"),
    "verified": Look("Verified", "badge-check", "success"),
    "unverified": Look("Not verified", "circle-alert", "warning"),
    "on": Look("On", "circle-check", "success"),
    "off": Look("Off", "circle-dashed", "neutral"),
}
MOVING = frozenset({"running", "leased", "syncing"})


def look_of(state: str) -> Look:
    """Return how a state is shown; one that is not known shows its own name."""
    return STATES.get(state) or Look(state.replace("_", " ").capitalize(), "circle", "neutral")
