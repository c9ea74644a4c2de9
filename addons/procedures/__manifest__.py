{
    "title": "Procedures and cases",
    "summary": "The written procedure as data: it drives the case, hands out tasks and shows what waits.",
    "version": "1.0.0",
    "category": "Cooperation",
    "depends": ["organization", "partners"],
    "data": ["data/requests.yaml"],
    "institution_data": ["data/sequences.yaml"],
    "application": True,
}
