"""The pages of an institution's administrator: people, roles and rights, addons and their settings, numbers, jobs,
mail, explanations.
"""

from app.views.administration import addons, explanation, jobs, mail, people, roles, sequences, settings

__all__ = ["addons", "explanation", "jobs", "mail", "people", "roles", "sequences", "settings"]
