"""Fixtures shared with the other tests of screens, API and security."""

from tests.security.world import empty_world, world

__all__ = ["empty_world", "world"]
