{
    "title": "Agreements",
    "version": "1.0.0",
    "summary": "Agreements with partners: their parties, their dates, their life from draft to end.",
    "category": "Cooperation",
    "depends": ["partners", "procedures"],
    "data": ["data/agreement_kinds.yaml"],
    "application": True,
}
