"""The filled database of the security tests, for the tests of row-level security."""

from tests.security.world import empty_world, world

__all__ = ["empty_world", "world"]
