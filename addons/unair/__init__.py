"""Perpustakaan Universitas Airlangga: its units, positions, roles and the track of an agreement."""
