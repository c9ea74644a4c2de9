"""Work that happens after the request: declared jobs, their queue in PostgreSQL, and the log of what ran."""
