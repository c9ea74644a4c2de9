"""The pages of an institution's administrator: people, roles and rights, addons, numbers, jobs, mail, explanations."""

from app.views.administration import (
    addon_requests,
    addons,
    explanation,
    invitations,
    jobs,
    mail,
    people,
    person,
    roles,
    sequences,
)

__all__ = [
    "addon_requests",
    "addons",
    "explanation",
    "invitations",
    "jobs",
    "mail",
    "people",
    "person",
    "roles",
    "sequences",
]
