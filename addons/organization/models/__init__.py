"""Models of organization."""
