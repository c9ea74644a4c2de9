{
    "title": "Activities",
    "version": "1.0.0",
    "summary": "Activities of a cooperation from plan to report.",
    "category": "Base",
    "depends": ["organization", "partners", "procedures", "agreements", "rooms"],
    "data": ["data/activity_kinds.yaml"],
    "application": True,
}
