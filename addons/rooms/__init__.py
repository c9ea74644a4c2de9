"""Rooms: what can be booked, and who has booked it; one slot of a room is never given twice."""
