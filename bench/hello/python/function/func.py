"""A hello world, to see what the host itself takes to start."""


class Function:
    async def handle(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})


def new():
    return Function()
