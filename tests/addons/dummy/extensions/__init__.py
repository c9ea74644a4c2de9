"""What dummy adds to models of other addons."""
