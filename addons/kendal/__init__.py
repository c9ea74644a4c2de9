"""Kendal: the regional library of Kabupaten Kendal, its offices, roles and its SOP as data."""
