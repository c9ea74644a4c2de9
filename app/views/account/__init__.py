"""The pages about one's own account, signed in or not yet."""

from app.views.account import forgotten_password, invitation, profile, second_factor

__all__ = ["forgotten_password", "invitation", "profile", "second_factor"]
