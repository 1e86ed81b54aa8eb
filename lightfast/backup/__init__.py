"""One file that holds an installation: the database, the secrets it made for itself, and a manifest of both."""

from lightfast.backup.archive import BackupError, Manifest
from lightfast.backup.making import back_up
from lightfast.backup.restoring import restore

__all__ = ["BackupError", "Manifest", "back_up", "restore"]
