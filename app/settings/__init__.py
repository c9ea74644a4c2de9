"""Settings of addons: declared by their authors, set by each institution for itself."""
