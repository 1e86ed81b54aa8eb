"""The cast, and a real worker on a real queue."""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import dramatiq
import psutil
import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import Client
from dramatiq_postgres.broker import PostgresBroker
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from console.models import Membership, Organization, Role, User, Workspace
from tests.queue import Drain, drain, empty, running_worker

# How long an example takes is a matter of the machine.
hypothesis_settings.register_profile("lightfast", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("lightfast")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Close the broker's own connections before the test database is dropped."""
    yield
    broker = dramatiq.get_broker()
    assert isinstance(broker, PostgresBroker)
    broker.close()
    broker.pool.close()


def pytest_unconfigure() -> None:
    """Stop the embedded server in order, so that its directory can go."""
    state = settings.DATABASES["default"].get("STATE_DIR")
    for process in psutil.process_iter(["cmdline"]) if state else ():
        command = process.info["cmdline"] or []
        if "lightfast.embedded" in command and str(state) in command:
            process.terminate()
            process.wait(20)


@pytest.fixture
def worker(transactional_db: None) -> Iterator[Drain]:
    """Run a worker in threads; call it to wait until the queue is empty.

    Actors see only what is committed, hence the transactional database.
    """
    empty()
    with running_worker():
        yield drain
    empty()


@pytest.fixture
def application(db: None) -> Iterator[WSGIHandler]:
    """Return the application for clients of WSGI; it leaves the test's connection and its transaction alone."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield WSGIHandler()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """Return the environment in which a process of its own works on the test database."""
    parameters: dict[str, Any] = connection.get_connection_params()
    options = {
        name: parameters[name] for name in ("user", "password", "host", "port") if parameters.get(name)
    }
    url = f"postgres:///{parameters['dbname']}?{urlencode(options)}"
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "lightfast.settings", "DATABASE_URL": url}


def _join(organization: Organization, email: str, name: str, role: Role) -> User:
    user = User.objects.create_user(email, "correct horse battery staple", name=name)
    Membership.objects.create(organization=organization, user=user, role=role)
    return user


@pytest.fixture
def organization(db: None) -> Organization:
    """Return Acme, where alice and bob are."""
    return Organization.objects.create(name="Acme", slug="acme")


@pytest.fixture
def workspace(organization: Organization) -> Workspace:
    """Return Acme's workspace."""
    return Workspace.objects.create(organization=organization, name="Core", slug="core")


@pytest.fixture
def other_organization(db: None) -> Organization:
    """Return Evil, where mallory is."""
    return Organization.objects.create(name="Evil", slug="evil")


@pytest.fixture
def other_workspace(other_organization: Organization) -> Workspace:
    """Return Evil's workspace."""
    return Workspace.objects.create(organization=other_organization, name="Lair", slug="lair")


@pytest.fixture
def alice(organization: Organization, workspace: Workspace) -> User:
    """Return the owner of Acme."""
    return _join(organization, "alice@acme.example", "Alice", Role.OWNER)


@pytest.fixture
def bob(organization: Organization, workspace: Workspace) -> User:
    """Return a plain member of Acme."""
    return _join(organization, "bob@acme.example", "Bob", Role.MEMBER)


@pytest.fixture
def mallory(other_organization: Organization, other_workspace: Workspace) -> User:
    """Return the owner of Evil, an outsider to Acme."""
    return _join(other_organization, "mallory@evil.example", "Mallory", Role.OWNER)


@pytest.fixture
def staff(db: None) -> User:
    """Return somebody with all rights in the Django admin and no team."""
    return User.objects.create_superuser("staff@lightfast.example", "correct horse battery staple")


def _logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_alice(alice: User) -> Client:
    return _logged_in(alice)


@pytest.fixture
def as_bob(bob: User) -> Client:
    return _logged_in(bob)


@pytest.fixture
def as_mallory(mallory: User) -> Client:
    return _logged_in(mallory)


@pytest.fixture
def as_staff(staff: User) -> Client:
    return _logged_in(staff)
