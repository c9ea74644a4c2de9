{
    "title": "Politeknik Negeri Batam",
    "institution": "polibatam",
    "version": "1.0.0",
    "summary": "Politeknik Negeri Batam: the procedure PR.28.3 with plans and monitoring, units, positions, roles.",
    "category": "Institution",
    "depends": ["organization", "partners", "procedures", "correspondence", "agreements"],
    "extras_depends": ["rooms", "activities"],
    "data": ["data/institution.yaml"],
    "institution_data": ["data/organization.yaml", "data/procedure.yaml", "data/promises.yaml"],
    "demo": ["demo/people.yaml", "demo/cooperation.yaml", "demo/promises.yaml"],
}
