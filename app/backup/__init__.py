"""Backup and restore of everything an installation holds: the database and the files of its records."""
