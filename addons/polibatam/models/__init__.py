"""What Polibatam keeps of carrying out a cooperation."""
