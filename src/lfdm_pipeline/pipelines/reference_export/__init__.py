"""The catalog's models in the published layout."""
