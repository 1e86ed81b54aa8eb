"""Calls of GitHub's REST API, through PyGithub. Waiting is the scheduler's work: no call sleeps for a rate limit."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import requests
from github import Auth, Github, GithubException, Requester
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, RequestsResponse
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from ingestion.sources.errors import (
    AuthorizationError,
    InvalidResource,
    NotFound,
    RateLimited,
    SourceError,
    Unavailable,
)

API_VERSION = "2022-11-28"
PAGE = 100
SECONDARY_WAIT = 60.0  # seconds that GitHub asks for where it names none
LONGEST_WAIT = 3_900.0  # a primary limit resets within the hour
NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')
RATE_LIMIT = re.compile(r"rate limit|abuse detection", re.IGNORECASE)

logging.getLogger("github").setLevel(logging.ERROR)  # it writes what we tell in our own words


class NotReady(Unavailable):
    """GitHub is still computing the answer (202)."""


class _Plain(HTTPRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _ready(super().getresponse())


class _Secure(HTTPSRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _ready(super().getresponse())


def _ready(response: RequestsResponse) -> RequestsResponse:
    """Refuse to wait for an answer that is not ready: PyGithub would, without an end."""
    if response.status == 202:
        raise NotReady("GitHub is preparing the answer.", retry_after=10)
    return response


Requester.Requester.injectConnectionClasses(_Plain, _Secure)


def retry_policy() -> Retry:
    """Return what is tried again at once: reads that failed on the way or with a server error, twice."""
    return Retry(
        total=2,
        backoff_factor=0.3,
        status_forcelist=(500, 502, 503, 504),
        allowed_methods=("GET", "HEAD"),
        respect_retry_after_header=False,
        raise_on_status=False,
    )


def connect(auth: Auth.Auth | None, *, api_url: str, timeout: int, pause: float) -> Requester.Requester:
    """Return what makes requests under an authorization, with a pause of so many seconds between two."""
    github = Github(
        auth=auth,
        base_url=api_url,
        timeout=timeout,
        retry=retry_policy(),
        seconds_between_requests=pause,
        api_version=API_VERSION,
        user_agent="Lightfast",
        lazy=True,
    )
    return github.requester


class Client:
    """Requests of one installation or token; `renew` makes another requester when the token has been refused."""

    def __init__(
        self, requester: Requester.Requester, renew: Callable[[], Requester.Requester] | None = None
    ) -> None:
        self._requester = requester
        self._renew = renew

    def get(self, path: str, **parameters: Any) -> Any:
        """Return the JSON of a resource."""
        return self._request("GET", path, parameters)[1]

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send JSON and return the answer's; never sent twice."""
        with translated():
            return self._requester.requestJsonAndCheck("POST", path, input=body)[1]

    def pages(self, path: str, **parameters: Any) -> Iterator[Any]:
        """Yield the pages of a list, by their links.

        See https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        headers, payload = self._request("GET", path, {"per_page": PAGE, **parameters})
        yield payload
        while match := NEXT.search(headers.get("link", "")):
            headers, payload = self._request("GET", match[1], None)
            yield payload

    def location(self, path: str) -> str:
        """Return where a resource redirects to."""
        with translated():
            status, headers, text = self._requester.requestJson("GET", path)
            if status == 302:
                return str(headers["location"])
            raise Requester.Requester.createException(status, headers, {"message": text[:200]})

    def _request(self, verb: str, path: str, parameters: dict[str, Any] | None) -> tuple[dict[str, Any], Any]:
        try:
            with translated():
                return self._requester.requestJsonAndCheck(verb, path, parameters or None)
        except Refused:
            if self._renew is None:
                raise
            self._requester, self._renew = self._renew(), None
            return self._request(verb, path, parameters)


class Refused(AuthorizationError):
    """GitHub does not know the token (401)."""


class Forbidden(AuthorizationError):
    """GitHub knows us and says no (403)."""


class Empty(SourceError):
    """The repository has no commits (409)."""


class Gone(NotFound):
    """It is switched off, or deleted (410)."""


class Invalid(InvalidResource):
    """GitHub does not accept what we asked for (422)."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise what PyGithub and its transport raise in the words of the contract."""
    try:
        yield
    except GithubException as error:
        _translate(error)
    except (requests.RequestException, HTTPError) as error:
        raise Unavailable(
            f"GitHub could not be reached, or broke off: {type(error).__name__}.", retry_after=5
        ) from error
    except (AssertionError, RuntimeError) as error:
        # PyGithub's answers to redirects and links that lead to another host.
        raise SourceError(
            f"GitHub's API sent us elsewhere: {error} Check that GITHUB_API_URL is its address."
        ) from error


def _translate(error: GithubException) -> NoReturn:
    status, headers = error.status, {k.lower(): v for k, v in (error.headers or {}).items()}
    data = error.data if isinstance(error.data, dict) else {}
    message = str(data.get("message") or error.message or "")[:300]
    if status == 429 or (status == 403 and (RATE_LIMIT.search(message) or "retry-after" in headers)):
        wait = _wait(headers)
        raise RateLimited(
            f"GitHub's rate limit is reached: it goes on in {wait:.0f} seconds.", wait
        ) from error
    if status == 401:
        raise Refused("GitHub does not accept our authorization any more. Connect it anew.") from error
    if status == 403:
        raise Forbidden(_forbidden(message)) from error
    if status == 410:
        raise Gone(message or "GitHub has switched it off.") from error
    if status == 404:
        raise NotFound("GitHub does not have it, or does not show it to us.") from error
    if status == 409:
        raise Empty(message) from error
    if status == 422:
        raise Invalid(f"GitHub refuses the request: {message}") from error
    if status == 451:
        raise NotFound(
            "GitHub has taken the repository down for legal reasons (451). Read the notice on its page there."
        ) from error
    raise Unavailable(f"GitHub answered {status}: {message or 'no reason given'}.") from error


def _forbidden(message: str) -> str:
    if "suspended" in message.lower():
        return "The installation of the GitHub App is suspended. Unsuspend it on GitHub, and syncing goes on."
    return f"GitHub forbids it: {message} Check the permissions of the App or the token, and accept new ones on GitHub."


def _wait(headers: dict[str, Any]) -> float:
    """Return the seconds that GitHub asks us to wait.

    See https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    after = str(headers.get("retry-after", ""))
    if after.isdigit():
        return min(float(after), LONGEST_WAIT)
    reset = str(headers.get("x-ratelimit-reset", ""))
    if str(headers.get("x-ratelimit-remaining", "")) == "0" and reset.isdigit():
        return min(max(int(reset) - time.time(), 0) + 1, LONGEST_WAIT)
    return SECONDARY_WAIT
