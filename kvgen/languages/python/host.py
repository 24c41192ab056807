"""Run as a script by the function's own Python, in which there may be no kvgen: the host.

It is the middleware that the platform's contract comes from, without its notices at start-up: the
port that they name is not the one that people are to use.
"""

import logging
import sys


def _is_news(record: logging.LogRecord) -> bool:
    return record.levelno > logging.INFO or "func_python" not in record.pathname


def main(folder: str) -> None:
    """Serve the function of a folder until a signal stops it."""
    sys.path.insert(0, folder)
    from func_python.http import serve

    logging.getLogger().addFilter(_is_news)
    logging.getLogger("hypercorn.error").addFilter(lambda record: record.levelno > logging.INFO)

    from function import new

    serve(new)


if __name__ == "__main__":
    main(sys.argv[1])
