"""Activities: what was planned, held and reported of a cooperation."""
