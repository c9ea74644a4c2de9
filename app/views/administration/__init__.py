"""The pages of an institution's administrator: roles and rights, people, addons."""

from app.views.administration import addons, people, roles

__all__ = ["addons", "people", "roles"]
