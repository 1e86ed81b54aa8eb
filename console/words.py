"""Figures and times in words."""

import re
from datetime import datetime, timedelta

NOTHING = "\N{EN DASH}"  # what stands where a figure is missing
_UNITS = (("y", 31_557_600), ("mo", 2_629_800), ("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_LONG = {"y": "year", "mo": "month", "d": "day", "h": "hour", "min": "minute", "s": "second"}


def number(value: object) -> str:
    """Return a number with its thousands apart: 12,345."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{int(str(value)):,}"


def size(value: object) -> str:
    """Return a number of bytes in the unit that fits: 1.4 MB."""
    if value is None or value == "":
        return NOTHING
    left = float(str(value))
    for unit in ("B", "KB", "MB", "GB"):
        if abs(left) < 1000:
            return f"{left:.0f} {unit}" if unit == "B" or left >= 100 else f"{left:.1f} {unit}"
        left /= 1000
    return f"{left:.1f} TB"


def duration(value: object) -> str:
    """Return a time span of at most two units: 2 min 5 s; below one second in milliseconds."""
    if value is None or value == "":
        return NOTHING
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(str(value))
    if 0 < abs(seconds) < 1:
        return f"{seconds * 1000:.0f} ms"
    if abs(seconds) < 10 and seconds % 1:
        return f"{seconds:.1f} s"
    left = round(abs(seconds))
    parts: list[str] = []
    for unit, length in _UNITS:
        count, rest = divmod(left, length)
        if count and len(parts) < 2:
            parts.append(f"{int(count)} {unit}")
        elif parts:
            break
        left = int(rest)
    return " ".join(parts) or "0 s"


def relative(moment: datetime, now: datetime) -> str:
    """Return a moment seen from now: "3 minutes ago", "in 2 days", "just now"."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 10:
        return "just now"
    for unit, length in _UNITS:
        count = int(abs(seconds) // length)
        if count:
            words = f"{count} {_LONG[unit]}{'' if count == 1 else 's'}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now"


def initials(name: str) -> str:
    """Return up to two letters that stand for a name or an address."""
    parts = [part for part in re.split(r"[^\w]+", name.partition("@")[0]) if part]
    if len(parts) > 1:
        return (parts[0][0] + parts[-1][0]).upper()
    return (parts[0][:2] if parts else "?").upper()


def browser(user_agent: str) -> str:
    """Return a browser and its system as people call them: "Firefox on Linux"."""
    # Each names those before it, too, so the first that fits is the one.
    browsers = (
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrom", "Chrome"),
        ("Safari", "Safari"),
    )
    systems = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Mac OS", "macOS"),
        ("Windows", "Windows"),
    )
    name = next((word for mark, word in browsers if mark in user_agent), "A browser")
    system = next((word for mark, word in (*systems, ("Linux", "Linux")) if mark in user_agent), "")
    return f"{name} on {system}" if system else name
