from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        """Put the page into the menu of workspaces, and the searches into exports."""
        from console.menu import WORKSPACE, Entry
        from search import exports  # noqa: F401

        WORKSPACE["search"] = Entry("Search", "search", "search:page", 20, {"search", "documents"})
