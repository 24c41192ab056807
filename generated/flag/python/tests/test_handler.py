"""The function over HTTP: which UI is served."""

import pytest

from function.handler import FLAG, FLAG_DEFAULT

pytestmark = pytest.mark.anyio


async def test_flag_decides_on_the_ui(client, fake_kv):
    fake_kv.failing = 401  # a failure is not remembered, whatever FLAG_REFRESH is
    by_default = await client.get("/")
    fake_kv.failing = None
    fake_kv.values[f"flag/{FLAG}"] = "false" if FLAG_DEFAULT else "true"
    flipped = await client.get("/")

    for response, is_on in ((by_default, FLAG_DEFAULT), (flipped, not FLAG_DEFAULT)):
        assert response.status_code == 200
        assert response.headers["X-Flag"] == f"{FLAG}={'on' if is_on else 'off'}"
        assert ("New UI" if is_on else "Old UI") in response.text
        assert response.headers["Cache-Control"] == "no-store"
