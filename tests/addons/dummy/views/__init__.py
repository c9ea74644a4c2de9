"""Screens of dummy."""
