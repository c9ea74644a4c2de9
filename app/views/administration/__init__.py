"""The pages of an institution's administrator: people, roles and rights, addons, numbers, jobs, mail, explanations,
personal data.
"""

from app.views.administration import (
    addons,
    assignments,
    explanation,
    jobs,
    mail,
    people,
    personal_data,
    roles,
    sequences,
    viewing,
)

__all__ = [
    "addons",
    "assignments",
    "explanation",
    "jobs",
    "mail",
    "people",
    "personal_data",
    "roles",
    "sequences",
    "viewing",
]
