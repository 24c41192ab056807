"""Pages that show code from the templates, so that readers see tested code."""
