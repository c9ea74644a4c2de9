"""Papers that come out of records: PDF, DOCX and XLSX from the templates that addons keep in ``reports/``."""
