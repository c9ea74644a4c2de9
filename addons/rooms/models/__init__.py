"""Models of rooms."""
