{
    "title": "Universitas Airlangga",
    "institution": "unair",
    "version": "1.0.0",
    "summary": "Perpustakaan Universitas Airlangga: the work instruction IK-UNAIR-LIB-11, units, positions, roles.",
    "category": "Institution",
    "depends": ["organization", "partners", "procedures", "correspondence", "agreements"],
    "extras_depends": ["rooms", "activities"],
    "data": ["data/institution.yaml"],
    "institution_data": ["data/organization.yaml", "data/partners.yaml", "data/procedure.yaml"],
    "demo": ["demo/people.yaml", "demo/cooperation.yaml"],
}
