"""The one door to the file system, for every command that reads or writes a folder."""
