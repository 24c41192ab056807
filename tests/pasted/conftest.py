"""The KV, the origin and the running functions are those of the behaviour suite."""

from tests.behaviour.conftest import (
    _origin_as_at_the_beginning,
    built,
    environment,
    kv,
    origin,
)

__all__ = ["_origin_as_at_the_beginning", "built", "environment", "kv", "origin"]
