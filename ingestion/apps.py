from django.apps import AppConfig


class IngestionConfig(AppConfig):
    name = "ingestion"
    verbose_name = "Ingestion"

    def ready(self) -> None:
        """Declare the actors, so that every process can wake them, the system checks, and what the console shows."""
        from console.access import Permission
        from console.menu import TEAM, WORKSPACE, Entry
        from ingestion import actors, checks, entities, exports  # noqa: F401
        from ingestion.setup_steps import register_steps

        WORKSPACE["overview"] = Entry("Overview", "layout-dashboard", "ingestion:overview", 10, {""})
        WORKSPACE["jobs"] = Entry("Jobs", "list-checks", "ingestion:jobs", 40, {"jobs"})
        WORKSPACE["sources"] = Entry("Sources", "database", "ingestion:sources", 30, {"sources"})
        WORKSPACE["insights"] = Entry("Insights", "chart-line", "ingestion:insights", 60, {"insights"})
        admins, owners = Permission.MANAGE_SOURCES, Permission.DELETE_ORGANIZATION
        TEAM["connections"] = Entry(
            "Connections", "plug", "ingestion:connections", 30, {"connections"}, admins
        )
        TEAM["deliveries"] = Entry(
            "Deliveries", "webhook", "ingestion:deliveries", 40, {"deliveries"}, owners
        )
        register_steps()
