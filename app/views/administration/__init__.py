"""The pages of an institution's administrator: roles and rights, people, addons, number sequences, jobs, mail."""

from app.views.administration import addons, jobs, mail, people, roles, sequences

__all__ = ["addons", "jobs", "mail", "people", "roles", "sequences"]
