"""Activities: who came, and the list of it."""
