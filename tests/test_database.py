"""Connections beside the ORM reach the same database in the same way."""

import pytest
from django.db import connection

from lightfast.database import DjangoConnection


def test_they_take_the_options_of_the_database_url(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"application_name": "as the URL says"})
    with DjangoConnection.connect() as beside:
        row = beside.execute("SELECT current_database(), current_setting('application_name')").fetchone()
    assert row == (connection.settings_dict["NAME"], "as the URL says")
