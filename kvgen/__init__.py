"""kvgen scaffolds, runs and regenerates Telnyx KV edge functions."""

__version__ = "0.1.0"
