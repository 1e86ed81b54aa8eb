from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        """Declare the actors, so that every process can wake them, the pages of menus, and what exports have."""
        from console.menu import WORKSPACE, Entry
        from search import actors, exports  # noqa: F401
        from search.setup_steps import register_steps

        WORKSPACE["search"] = Entry("Search", "search", "search:page", 20, {"search", "documents"})
        WORKSPACE["quality"] = Entry("Quality", "target", "search:quality", 70, {"quality"})
        register_steps()
