"""The pages of an institution's administrator: roles and rights, people, addons, jobs, mail."""

from app.views.administration import addons, jobs, mail, people, roles

__all__ = ["addons", "jobs", "mail", "people", "roles"]
