"""The organisations an institution cooperates with, and the people to reach there."""
