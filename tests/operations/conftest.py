from tests.search.conftest import foreign, indexed

__all__ = ["foreign", "indexed"]
