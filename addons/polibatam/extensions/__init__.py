"""What polibatam adds to models of other addons."""
