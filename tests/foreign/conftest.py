"""The KV and the origin of the behaviour suite."""

from tests.behaviour.conftest import _origin_as_at_the_beginning, kv, origin

__all__ = ["_origin_as_at_the_beginning", "kv", "origin"]
