"""Units, positions with the roles they carry, and who holds them when."""
