"""Models of correspondence."""
