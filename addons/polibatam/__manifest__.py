{
    "title": "Politeknik Negeri Batam",
    "institution": "polibatam",
    "version": "1.0.0",
    "summary": "Politeknik Negeri Batam: units, positions, roles, and who carries out an agreement.",
    "category": "Institution",
    "depends": ["organization", "partners", "procedures", "correspondence", "agreements"],
    "extras_depends": ["rooms", "activities"],
    "data": ["data/institution.yaml"],
    "institution_data": ["data/organization.yaml", "data/promises.yaml"],
    "demo": ["demo/people.yaml", "demo/cooperation.yaml"],
}
