"""The KV on this machine, and a client for it or for the real service."""
