"""Procedures, cases and tasks."""
