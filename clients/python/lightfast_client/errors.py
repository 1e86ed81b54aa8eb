"""What can go wrong."""

from collections.abc import Sequence


class LightfastError(Exception):
    """Anything that goes wrong with a request."""


class Unreachable(LightfastError):
    """No answer came, or none of the API's."""


class Problem(LightfastError):
    """The server refused a request: problem details (RFC 9457)."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        type: str = "about:blank",  # noqa: A002 - the member's name
        title: str = "",
        request_id: str = "",
        errors: Sequence[dict[str, str]] = (),
    ) -> None:
        fields = "".join(f"\n  {error.get('field')}: {error.get('message')}" for error in errors)
        super().__init__(f"{detail}{fields}")
        self.status, self.type, self.title, self.detail = status, type, title, detail
        self.request_id, self.errors = request_id, list(errors)
