{
    "title": "Partners",
    "version": "1.0.0",
    "summary": "The organisations an institution cooperates with, and the people to reach there.",
    "category": "Base",
    "depends": [],
    "data": ["data/partner_kinds.yaml"],
    "application": True,
}
