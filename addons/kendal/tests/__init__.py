"""Tests of Kendal: its SOP as people go through it."""
