"""The pages of an institution's administrator: roles and rights, people, addons,
number sequences.
"""

from app.views.administration import addons, people, roles, sequences

__all__ = ["addons", "people", "roles", "sequences"]
