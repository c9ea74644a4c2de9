"""Rules of rooms."""
