{
    "title": "Correspondence",
    "version": "1.0.0",
    "summary": "Incoming letters with their agenda numbers, and dispositions from position to position.",
    "category": "Base",
    "depends": ["organization", "partners", "procedures"],
    "institution_data": ["data/sequences.yaml"],
    "application": True,
}
