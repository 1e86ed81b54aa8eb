"""Secrets have no place in logs and messages, whatever error carries them there."""

import logging
import re
from typing import Any

from pythonjsonlogger.json import JsonFormatter

PATTERNS = (
    r"gh[opusr]_[A-Za-z0-9._-]{20,}",  # an installation's has dots and some 520 characters
    r"github_pat_\w{20,}",
    r"\blf_\w{20,}",
    r"(?<=bearer )[\w.~+/-]{16,}=*",
    r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
)
SECRET = re.compile("|".join(PATTERNS), re.IGNORECASE | re.DOTALL)


def redact(text: str) -> str:
    """Return text with its secrets replaced."""
    return SECRET.sub("[secret]", text)


class RedactingFormatter(logging.Formatter):
    """Formats a record with its traceback, and leaves its secrets out."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return redact(super().format(record))


class RedactingJsonFormatter(JsonFormatter):
    """Formats a record as an object, and leaves the secrets of its fields out."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Return the fields."""
        return {
            name: redact(value) if isinstance(value, str) else value
            for name, value in super().process_log_record(log_data).items()
        }
