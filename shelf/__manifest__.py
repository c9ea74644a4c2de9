{"title": "Shelves", "version": "1.0.0", "depends": ["partners"],
"institution_data": ["data/shelves.yaml"]}