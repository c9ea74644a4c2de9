"""Rules of the library's records."""
