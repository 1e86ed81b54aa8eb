"""The WSGI application that the web server serves."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightfast.settings")
application = get_wsgi_application()

from search.semantic import prepare  # noqa: E402 - needs the applications

threading.Thread(target=prepare, name="prepare-embedder", daemon=True).start()
