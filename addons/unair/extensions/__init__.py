"""What unair adds to models of other addons."""
