"""For authors of patterns: a starter pattern, and a check for mistakes."""
