"""Letters, their numbers, prints and books."""
