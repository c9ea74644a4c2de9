"""Where Polibatam's columns stand on the screens of agreements."""

from app.addon import after, extend_view

extend_view("agreements.Agreement", after("partner", "polibatam_unit", in_list=True))
