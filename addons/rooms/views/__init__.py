"""Screens of rooms."""
