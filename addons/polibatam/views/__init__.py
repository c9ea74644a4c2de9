"""What polibatam adds to screens of other addons."""
