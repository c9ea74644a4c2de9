"""Screens and REST resources of partners."""
