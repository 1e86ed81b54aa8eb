"""Errors that people and programs are told about."""


class UserError(Exception):
    """What was asked for cannot be done; the message says what to do instead."""


class ProblemError(Exception):
    """An API answer as RFC 9457 problem details: `kind` is the last part of its type's URI."""

    def __init__(
        self, status: int, kind: str, title: str, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.title, self.detail = status, kind, title, detail
        self.headers = headers or {}
