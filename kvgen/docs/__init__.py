"""Pages that show the code which the templates make, so that what is read is what is tested."""
