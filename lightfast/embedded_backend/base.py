"""Django's Postgres backend on the embedded server, which starts with the first connection and not before."""

import os
from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import base, client

from lightfast import embedded


class DatabaseClient(client.DatabaseClient):
    """The shell, with the server running; the wheel's psql serves where no other is installed."""

    def runshell(self, parameters: Iterable[str]) -> None:
        """Run psql."""
        self.connection.ensure_connection()
        os.environ["PATH"] = os.pathsep.join(
            (os.environ.get("PATH", os.defpath), str(embedded.installed_programs()))
        )
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the embedded server of `STATE_DIR` in the settings of the database."""

    client_class = DatabaseClient

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        settings_dict.update(USER=embedded.ROLE, HOST=str(embedded.socket_dir(settings_dict["STATE_DIR"])))
        super().__init__(settings_dict, alias)

    def get_connection_params(self) -> dict[str, Any]:
        """Make sure that the server runs before anyone connects."""
        try:
            embedded.ensure_running(
                self.settings_dict["STATE_DIR"], durable=self.settings_dict.get("DURABLE", True)
            )
        except embedded.EmbeddedError as error:
            raise self.Database.OperationalError(str(error)) from error
        params: dict[str, Any] = super().get_connection_params()
        return params
