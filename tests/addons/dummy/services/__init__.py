"""Rules of dummy."""
