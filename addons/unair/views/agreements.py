"""Where Unair's columns stand on the screens of agreements."""

from app.addon import after, extend_view

extend_view("agreements.Agreement", after("partner", "unair_track", in_list=True))
