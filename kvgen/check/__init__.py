"""Would a folder deploy, and survive: read and parsed, with nothing of it run."""
