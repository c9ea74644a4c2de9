"""Tests of agreements: their parties, versions, signing and print."""
