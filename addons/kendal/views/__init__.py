"""What Kendal adds to screens of other addons."""
