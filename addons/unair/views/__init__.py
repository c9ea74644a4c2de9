"""What unair adds to screens of other addons."""
