"""What is stored of a session, and what is read back."""

import json
import time

import pytest

from function.kv import KvError
from function.session import (
    destroy_session,
    is_session_id,
    load_session,
    new_session,
    new_session_id,
    read_session_cookie,
    renew_session,
    save_session,
    session_cookie,
)

pytestmark = pytest.mark.anyio

ID = "a-session-id-for-tests"
KEY = f"session/{ID}"


def test_new_session_has_no_views_and_an_id_of_its_own():
    assert new_session()["views"] == 0
    assert is_session_id(new_session_id())
    assert new_session_id() != new_session_id()


@pytest.mark.parametrize("text", [None, "", "x" * 15, "x" * 129, "x" * 16 + "/"])
def test_text_that_cannot_be_an_id(text):
    assert not is_session_id(text)


async def test_session_is_loaded_as_it_was_saved(fake_kv):
    session = {"created": 1, "views": 7, "name": "Zoë"}
    await save_session(ID, session, 60)
    assert await load_session(ID) == session
    await destroy_session(ID)
    assert await load_session(ID) is None


async def test_expired_session_is_missing(fake_kv):
    expired = {"value": '{"views": 7}', "expires_at": int(time.time() * 1000) - 1}
    fake_kv.values[KEY] = json.dumps(expired)
    assert await load_session(ID) is None


@pytest.mark.parametrize("stored", ["[1, 2", "[1, 2]", "null", '{"views": NaN}'])
async def test_stored_value_that_is_no_session_is_missing(fake_kv, stored):
    fake_kv.values[KEY] = stored
    assert await load_session(ID) is None


async def test_failing_store_is_not_a_missing_session(fake_kv):
    fake_kv.failing = 401
    with pytest.raises(KvError):
        await load_session(ID)


async def test_renewed_session_is_under_its_new_id_only(fake_kv):
    session = {"views": 7}
    await save_session(ID, session, 60)
    new_id = await renew_session(ID, session, 60)
    assert await load_session(new_id) == session
    assert KEY not in fake_kv.values


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        (f"sid={ID}", ID),
        (f"a=1; sid={ID};b=2", ID),
        (f"sid={ID}; sid={ID}", None),
        (f"xsid={ID}", None),
        ("sid=short", None),
    ],
)
def test_id_is_read_from_one_cookie(header, expected):
    assert read_session_cookie(header, "sid") == expected


def test_cookie_is_for_this_site_over_https_and_not_for_scripts():
    cookie = f"sid={ID}; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax"
    assert session_cookie("sid", ID, 60) == cookie
