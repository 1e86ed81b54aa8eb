"""What a source raises; the rest of Lightfast decides by the class what follows."""

from lightfast.lib.redact import redact


class SourceError(Exception):
    """Something went wrong at a source; the message says what to do, and carries no secret."""

    def __init__(self, message: str) -> None:
        super().__init__(redact(message))


class Unavailable(SourceError):
    """Waiting can help: the network, a time-out, a rate limit. `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(Unavailable):
    """The provider wants us to wait: no failure, so it does not count as an attempt."""


class Blocking(SourceError):
    """Nothing of the resource can be read until a person does something."""


class AuthorizationError(Blocking):
    """The provider refuses us; somebody has to renew the authorization."""


class NotFound(Blocking):
    """The resource, or the branch, is not there any more."""


class TooLarge(Blocking):
    """The resource is larger than this installation takes."""


class InvalidResource(SourceError):
    """What was given does not name a resource that this source may read."""


class BadSignature(SourceError):
    """A webhook was not signed by its provider, or too long ago."""


class BadDelivery(SourceError):
    """A webhook was signed, but cannot be read."""
