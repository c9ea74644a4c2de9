"""What Kendal adds to models of other addons."""
