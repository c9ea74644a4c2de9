"""The pages of an institution's administrator: people, roles and rights, addons and their settings, numbers, jobs,
mail, explanations, personal data.
"""

from app.views.administration import (
    addon_requests,
    addons,
    appearance,
    assignments,
    explanation,
    invitations,
    jobs,
    mail,
    people,
    person,
    personal_data,
    roles,
    sequences,
    settings,
    viewing,
)

__all__ = [
    "addon_requests",
    "addons",
    "appearance",
    "assignments",
    "explanation",
    "invitations",
    "jobs",
    "mail",
    "people",
    "person",
    "personal_data",
    "roles",
    "sequences",
    "settings",
    "viewing",
]
