"""How long everything is measured; each is an environment variable of the same name."""

import os

RUNS = int(os.environ.get("BENCH_RUNS", "3"))  # whole runs; medians of them are published
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))  # turns that each side takes at each load
SECONDS = float(os.environ.get("BENCH_SECONDS", "0.6"))  # of one turn
STARTS = int(os.environ.get("BENCH_STARTS", "21"))  # of each command, and half of each function
REQUESTS = int(os.environ.get("BENCH_REQUESTS", "100000"))  # to see what memory does
