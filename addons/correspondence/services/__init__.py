"""Rules of correspondence."""
