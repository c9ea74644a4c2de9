"""Where dummy's column stands on the screens of partners."""

from app.addon import after, extend_view

extend_view("partners.Partner", after("name", "dummy_rating", in_list=True))
