"""The environment as the settings read it: strictly, so that a slip is named instead of read as something else."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

_KINDS = {int: "a whole number", bool: "true or false"}


class _Variables(FileAwareMapping):  # type: ignore[misc]
    """Environment variables, or the files that `NAME_FILE` names, without the newline that editors add."""

    def __getitem__(self, name: str) -> str:
        value: str = super().__getitem__(name)
        return value.rstrip("\r\n")


class Environment(environ.Env):  # type: ignore[misc]
    """Reads settings; whatever cannot be read raises `ImproperlyConfigured`, which names the variable."""

    ENVIRON = _Variables()

    def __init__(self) -> None:
        super().__init__()
        self.escape_proxy = True  # \$ is a dollar sign, $NAME another variable

    def get_value(self, var: Any, cast: Any = None, default: Any = environ.Env.NOTSET, **options: Any) -> Any:
        """Return a variable's value, or the default where it is unset."""
        try:
            raw = self.ENVIRON.get(var)
            if raw and raw.startswith("$") and raw.lstrip("$") not in self.ENVIRON:
                raise ImproperlyConfigured(
                    f"{var} begins with $, as a reference to a variable, but there is no such variable. "
                    r"Write \$ for a dollar sign."
                )
            if cast is bool and raw is not None:
                return self._truth(raw)
            return super().get_value(var, cast=cast, default=default, **options)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{var} must be {_KINDS.get(cast, 'well formed')}: {error}."
            ) from error
        except OSError as error:
            raise ImproperlyConfigured(f"{var}_FILE names a file that cannot be read: {error}.") from error

    def _truth(self, raw: str) -> bool:
        if raw.lower() in self.BOOLEAN_TRUE_STRINGS:
            return True
        if raw.lower() in ("false", "off", "n", "no", "0", ""):
            return False
        raise ValueError(f"it is {raw!r}")
