{
    "title": "Kendal regional library",
    "institution": "kendal",
    "version": "1.0.0",
    "summary": "Perpustakaan Daerah Kabupaten Kendal: units, positions, roles and the SOP on cooperation services.",
    "category": "Institution",
    "depends": ["organization", "partners", "procedures", "correspondence"],
    "extras_depends": ["rooms", "activities", "agreements"],
    "data": ["data/institution.yaml"],
    "institution_data": ["data/organization.yaml", "data/procedure.yaml"],
    "demo": ["demo/people.yaml", "demo/partners.yaml", "demo/rooms.yaml"],
    "application": True,
}
