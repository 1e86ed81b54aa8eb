from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"
    verbose_name = "Console"

    def ready(self) -> None:
        """Fill the menus, say where what activities tell of can be opened, and listen to what accounts do."""
        from console import account_trail
        from console.access import Permission
        from console.entities import KINDS, Kind
        from console.menu import TEAM, WORKSPACE, Entry
        from console.models import Workspace

        account_trail.listen()
        WORKSPACE["activity"] = Entry("Activity", "history", "console:activity", 50, {"activity"})
        WORKSPACE["settings"] = Entry(
            "Settings",
            "settings",
            "console:workspace_settings",
            90,
            {"settings", "delete"},
            Permission.MANAGE_WORKSPACES,
        )
        TEAM["activity"] = Entry(
            "Activity", "history", "console:team_activity", 50, {"activity"}, Permission.MANAGE_MEMBERS
        )
        KINDS["workspace"] = Kind(
            lambda team: Workspace.objects.alive().filter(organization=team), "ingestion:sources", ["slug"]
        )
