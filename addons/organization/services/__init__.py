"""Rules of organization."""
