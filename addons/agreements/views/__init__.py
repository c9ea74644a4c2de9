"""Screens and REST resources of agreements."""
