"""What the platform tells the function through environment variables."""

import os
import re
from ipaddress import IPv6Address

# Stricter than a URL may be, so that it means one thing in every language and library.
HOST = r"[A-Za-z0-9][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\]"
PATH = r"(?:/(?:[A-Za-z0-9_.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?"
PORT = r"[0-9]{1,5}"
WEB_URL = re.compile(f"https?://({HOST})(?::({PORT}))?{PATH}")


class ConfigError(Exception):
    """A variable that the function cannot do without is not set, or of no use."""


def read_variable(*names: str) -> str:
    """Return the first of these environment variables that is not empty."""
    name = next((name for name in names if os.environ.get(name)), None)
    if name is None:
        raise ConfigError(f"{names[0]} is not set")
    value = os.environ[name]
    if not re.fullmatch("[ -~]+", value):
        raise ConfigError(f"{name} is not all printable ASCII")
    return value


def check_url(variable: str, url: str) -> str:
    """Return a URL of the environment, if it is one to which requests can be sent."""
    match = WEB_URL.fullmatch(url)
    if match is None or not _is_host(match[1]) or not _is_port(match[2]):
        raise ConfigError(f"{variable} is not an http or https URL")
    return url


def _is_host(host: str) -> bool:
    if not host.startswith("["):
        return True
    try:
        IPv6Address(host[1:-1])
    except ValueError:
        return False
    return True


def _is_port(port: str | None) -> bool:
    return port is None or 1 <= int(port) <= 65535
