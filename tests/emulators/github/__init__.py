"""A GitHub on loopback: real bare repositories behind the REST API, the pages and the webhooks of an Enterprise Server."""

from tests.emulators.github.apps import install, register
from tests.emulators.github.conversations import Conversations
from tests.emulators.github.faults import Fault
from tests.emulators.github.server import GitHub

__all__ = ["Conversations", "Fault", "GitHub", "install", "register"]
