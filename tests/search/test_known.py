"""What one file alone has is mined from code to search for."""

from bench.known import known_items

FILES = {
    "shop/orders.py": "def shipOrders():\n    raise Error('no order can be shipped to %s' % name)\n",
    "shop/web.py": "def shipOrders(): ...\n\n\ndef show_page():\n    # every page has its own head\n    return 1\n",
    "shop/again.py": "x = 'no page can be shown at all'\ny = 'no order can be shipped'\n",
}


def test_only_what_one_file_has_is_asked_for() -> None:
    found: dict[str, dict[str, str]] = {}
    for is_dev in (True, False):
        for kind, pairs in known_items(FILES, is_dev=is_dev).items():
            assert all(pair.is_dev == is_dev for pair in pairs)
            found.setdefault(kind, {}).update({pair.query: min(pair.documents) for pair in pairs})
    assert found["identifier"] == {"show_page": "shop/web.py"}
    assert found["identifier, as words"] == {"show page": "shop/web.py"}
    assert set(found["identifier, misspelt"].values()) == {"shop/web.py"}
    assert "show_page" not in found["identifier, misspelt"]
    assert found["file"] == {
        "orders.py": "shop/orders.py",
        "web.py": "shop/web.py",
        "again.py": "shop/again.py",
    }
    assert found["module"]["shop.web"] == "shop/web.py"
    assert found["message"] == {
        "no order can be shipped to": "shop/orders.py",
        "no page can be shown at all": "shop/again.py",
    }
    assert found["comment"] == {"every page has its own head": "shop/web.py"}
