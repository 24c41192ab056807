"""The HTTP client, one for each instance of the function: its connections are kept."""

import aiohttp

_session: aiohttp.ClientSession | None = None


def http_session() -> aiohttp.ClientSession:
    """Return the client; it changes nothing about what is sent or received."""
    global _session
    if _session is None:
        _session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(),  # none of its own; each call has its own
            auto_decompress=False,
        )
    return _session


async def close_session() -> None:
    """Close the connections; a call after this opens new ones."""
    global _session
    session, _session = _session, None
    if session is not None:
        await session.close()
