"""Keys of agents, and a workspace with something in it."""

from tests.search.conftest import foreign, indexed  # noqa: F401
