"""A project as small as a project can be."""
