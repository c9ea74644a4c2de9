{
    "title": "Rooms",
    "version": "1.0.0",
    "summary": "Rooms and their bookings, without double bookings.",
    "category": "Base",
    "depends": ["procedures"],
    "application": True,
}
