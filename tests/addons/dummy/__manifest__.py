{  # noqa: B018  # a manifest is one literal dict
    "title": "Dummy",
    "version": "1.0.0",
    "summary": "Notes about partners; only the tests load it, and no institution has it from the start.",
    "category": "Tests",
    "depends": ["partners"],
    "institution_data": ["data/notes.yaml"],
}
