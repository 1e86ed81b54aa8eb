"""The settings under test: the project's own, in an environment that holds nothing of the developer's."""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

_KEPT = ("DATABASE_URL",)  # run the tests on another Postgres
_EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"

for _name in re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", _EXAMPLE.read_text(), re.MULTILINE):
    if _name not in _KEPT:
        os.environ.pop(_name, None)
        os.environ.pop(f"{_name}_FILE", None)

_state = Path(tempfile.mkdtemp(prefix="lightfast-tests-"))
_state.chmod(0o711)  # the embedded Postgres of a root runs as somebody else
atexit.register(shutil.rmtree, _state, ignore_errors=True)

# Processes that tests start inherit these.
os.environ |= {
    "READ_DOTENV": "false",
    "STATE_DIR": str(_state),
    "EMBEDDED_DURABLE": "false",
    "DATABASE_CONN_MAX_AGE": "0",
    "EMAIL_URL": "memorymail://",
    "PUSH_DEBOUNCE_SECONDS": "0",
    "GITHUB_PAUSE": "0",
}

from lightfast.settings import *  # noqa: E402, F403
from lightfast.settings import DATABASES, STORAGES  # noqa: E402

DATABASES["default"]["TEST"] = {"NAME": f"test_lightfast_{os.getpid()}"}  # two sessions may share a server
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT = _state / "static"
STATIC_ROOT.mkdir()
