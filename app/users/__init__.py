"""Accounts: how people get in, stay in and are kept out."""
