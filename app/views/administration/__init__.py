"""The pages of an institution's administrator: people, roles and rights, addons, numbers, jobs, mail, explanations."""

from app.views.administration import (
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

__all__ = ["addons", "explanation", "invitations", "jobs", "mail", "people", "person", "roles", "sequences"]
