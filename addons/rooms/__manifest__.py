{
    "title": "Rooms",
    "version": "1.0.0",
    "summary": "Rooms and their bookings, without double bookings.",
    "category": "Base",
    "depends": ["organization", "partners", "procedures"],
    "application": True,
}
