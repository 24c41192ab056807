"""One small module a command; the only room that imports click, prints or exits."""
