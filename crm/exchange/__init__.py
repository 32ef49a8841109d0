"""CSV and Excel <-> checked rows and row errors. Knows no database and nothing else of the product."""
