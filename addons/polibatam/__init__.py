"""Politeknik Negeri Batam: its units, positions, roles and the department that carries out an agreement."""
