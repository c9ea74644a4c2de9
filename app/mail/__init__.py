"""Mail: an outbox written with the business change, and the job that empties it."""
