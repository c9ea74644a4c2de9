"""Agreements with partners: their parties, their dates, their life from draft to end."""
