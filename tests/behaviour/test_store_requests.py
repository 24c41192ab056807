"""What the key-value store is asked, to the byte: some stores forgive what others do not."""

import uuid

import pytest

from kvgen.scaffold.model import LANGUAGES
from tests.behaviour.conftest import scaffolded
from tests.behaviour.hosting import hosted
from tests.behaviour.origin import reply


@pytest.mark.parametrize("host", [language.name for language in LANGUAGES])
def test_key_and_namespace_are_one_segment_of_the_path_each(tmp_path, origin, host):
    origin.reset()
    origin.reply = reply(b"", status=400)  # so that there is one request, without a body
    folder = scaffolded(tmp_path / "function", "session", host)
    (tmp_path / "work").mkdir()
    environment = {
        "TELNYX_BASE_URL": origin.url,
        "TELNYX_API_KEY": "KEY_1",
        "KV_NAMESPACE_ID": "a/b c",
    }
    session_id = f"test-{uuid.uuid4().hex}"
    with hosted(folder, tmp_path / "work", environment) as function:
        response = function.request("GET", headers={"X-Session-ID": session_id})
        assert response.status_code == 503
    (asked,) = origin.asked
    assert asked.method == "GET"
    assert asked.target == f"/v2/storage/kvs/a%2Fb%20c/keys/session%2F{session_id}"
    assert asked.header("Authorization") == "Bearer KEY_1"
    # No one decompresses what would come.
    assert asked.header("Accept-Encoding") in (None, "identity")
