"""Run as a script by the function's own Python: the other common ASGI server as the host."""

import signal
import sys


def main(folder: str) -> None:
    """Serve the function of a folder until SIGTERM, and then exit as a container should."""
    sys.path.insert(0, folder)
    import os

    import uvicorn
    from function import new

    instance = new()

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        else:
            await instance.handle(scope, receive, send)

    async def lifespan(receive, send):
        await receive()
        if hasattr(instance, "start"):
            instance.start(dict(os.environ))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if hasattr(instance, "stop"):
            instance.stop()
        await send({"type": "lifespan.shutdown.complete"})

    # uvicorn raises the signal anew once it has stopped, so this decides the exit code.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(app, port=int(os.environ["PORT"]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1])
