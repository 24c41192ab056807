"""The console: a page on the KV's port that shows requests, keys, flags and faults as they are."""
