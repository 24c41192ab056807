"""What the author of a pattern needs: a first one to change, and somebody who looks it over."""
