"""Screens and REST resources of organization."""
