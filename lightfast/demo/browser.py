"""A browser without a screen: follows links, fills in forms, keeps cookies."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests


class _Forms(HTMLParser):
    """Collects the forms of a page with the values that they would send."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[dict[str, str], list[tuple[str, str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a field of the last one."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((values, []))
        elif tag == "input" and self.forms and values.get("name"):
            checkable = values.get("type") in ("checkbox", "radio")
            if "disabled" not in values and (not checkable or "checked" in values):
                self.forms[-1][1].append((values["name"], values.get("value", "on")))


class Browser:
    """One person's session. Any answer that is an error raises `requests.HTTPError`."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self.url, self.text = "", ""

    def open(self, url: str) -> None:
        """Follow a link."""
        self._show(self._session.get(urljoin(self.url, url), timeout=30))

    def submit(self, action: str = "", **values: Any) -> None:
        """Send the form whose action contains `action`, the last one of the page by default."""
        parser = _Forms()
        parser.feed(self.text)
        found = [
            f
            for f in parser.forms
            if f[0].get("method", "").lower() == "post" and action in f[0].get("action", "")
        ]
        attributes, fields = found[-1]
        data = [(name, value) for name, value in fields if name not in values] + list(values.items())
        target = urljoin(self.url, attributes.get("action") or self.url)
        self._show(self._session.post(target, data=data, headers={"Referer": self.url}, timeout=30))

    def _show(self, answer: requests.Response) -> None:
        answer.raise_for_status()
        self.url, self.text = answer.url, answer.text
