"""TLS in front of a server on this machine, with a certificate of its own."""

import asyncio
import contextlib
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from kvgen.languages.toolchains import find_go, go_environment


def certificate(folder: Path) -> Path:
    """Make cert.pem, for 127.0.0.1, and key.pem beside it, with a program of Go's own."""
    go = str(find_go())
    root = subprocess.run(
        [go, "env", "GOROOT"], capture_output=True, text=True, check=True
    ).stdout.strip()
    program = str(Path(root) / "src" / "crypto" / "tls" / "generate_cert.go")
    command = [go, "run", program, "--host", "127.0.0.1", "--ca", "--ecdsa-curve", "P256"]
    environment = go_environment()
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    return folder / "cert.pem"


@contextlib.contextmanager
def tls_front(port: int, cert: Path) -> Iterator[int]:
    """Listen with TLS and pass everything on to a port; yields the port to connect to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, cert.with_name("key.pem"))
    loop = asyncio.new_event_loop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_pass_on(reader, behind[1]), _pass_on(behind[0], writer))

    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
