"""Rules of agreements."""
