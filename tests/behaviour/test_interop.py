"""A session written by one language is read by the others, whatever the expiry modes."""

import itertools
import uuid

import pytest

from tests.behaviour.conftest import EXPIRIES, LANGUAGES


@pytest.mark.parametrize(("writer", "reader"), list(itertools.product(LANGUAGES, repeat=2)))
@pytest.mark.parametrize(("written", "read"), list(itertools.product(EXPIRIES, repeat=2)))
@pytest.mark.xdist_group("interop")
def test_reader_counts_on_where_the_writer_stopped(start, writer, reader, written, read):
    headers = {"X-Session-ID": f"shared-{uuid.uuid4().hex}"}
    first = start("session", writer, written).request("GET", headers=headers).json()
    second = start("session", reader, read).request("GET", headers=headers).json()
    third = start("session", writer, written).request("GET", headers=headers).json()
    assert [first["views"], second["views"], third["views"]] == [0, 1, 2]
    assert first["created"] == second["created"] == third["created"]
