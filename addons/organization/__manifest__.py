{
    "title": "Organization",
    "version": "1.0.0",
    "summary": "Units, positions with the roles they carry, who holds a position when, and the working calendar.",
    "category": "Base",
    "depends": [],
    "application": True,
}
