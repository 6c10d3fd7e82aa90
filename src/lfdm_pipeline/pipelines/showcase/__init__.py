"""Videos, pictures and the report."""
