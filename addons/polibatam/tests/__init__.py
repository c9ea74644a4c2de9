"""The procedure PR.28.3 as it is worked and printed."""
