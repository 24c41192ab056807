"""How long everything is measured; each is an environment variable of the same name."""

import os

ROUNDS = int(os.environ.get("BENCH_KV_ROUNDS", "5"))  # turns that each side takes
SECONDS = float(os.environ.get("BENCH_KV_SECONDS", "1.5"))  # of one turn
STARTS = int(os.environ.get("BENCH_KV_STARTS", "11"))  # of each server
KEYS = int(os.environ.get("BENCH_KV_KEYS", "1000000"))  # of the large database
WRITES = int(os.environ.get("BENCH_KV_WRITES", "1000000"))  # to see what memory does
