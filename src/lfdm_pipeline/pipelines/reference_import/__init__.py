"""Published weights as the catalog's own."""
