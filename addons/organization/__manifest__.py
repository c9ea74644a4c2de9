{
    "title": "Organization",
    "version": "1.0.0",
    "summary": "Units, positions with the roles they carry, and who holds a position when.",
    "category": "Base",
    "depends": [],
    "application": True,
}
