"""Rules of plans and monitoring."""
