"""Models of dummy."""
