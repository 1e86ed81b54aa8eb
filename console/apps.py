from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"
    verbose_name = "Console"

    def ready(self) -> None:
        """Fill the menus and the steps, say where what activities tell of opens, and listen to what accounts do."""
        from console import account_trail, kinds  # noqa: F401
        from console.access import Permission
        from console.menu import TEAM, WORKSPACE, Entry
        from console.setup_steps import register_steps

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
        TEAM["workspaces"] = Entry("Workspaces", "boxes", "console:team", 10, {""})
        TEAM["members"] = Entry("Members", "users", "console:members", 20, {"members"})
        TEAM["settings"] = Entry("Settings", "settings", "console:team_settings", 90, {"settings"})
        WORKSPACE["keys"] = Entry(
            "API keys", "key-round", "console:keys", 80, {"keys"}, Permission.MANAGE_KEYS
        )
        register_steps()
