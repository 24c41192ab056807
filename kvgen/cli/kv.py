"""`kvgen kv`: the embedded KV by itself, and a client for it or for the real service."""

import click

from kvgen.cli.lazy import LazyGroup

_TARGETS = {
    "serve": ("kvgen.cli.kv_serve:serve", "Serve the embedded KV over HTTP."),
    "get": ("kvgen.cli.kv_keys:get", "Print the value of a key."),
    "put": ("kvgen.cli.kv_keys:put", "Store a value under a key."),
    "list": (
        "kvgen.cli.kv_listing:list_keys",
        "List keys, with size, age and remaining lifetime.",
    ),
    "delete": ("kvgen.cli.kv_keys:delete", "Delete keys, or all with a prefix."),
    "sweep": (
        "kvgen.cli.kv_transfer:sweep",
        "Delete keys whose envelope has expired.",
    ),
    "import": ("kvgen.cli.kv_transfer:import_keys", "Write the keys of a JSON file, all or none."),
    "export": ("kvgen.cli.kv_transfer:export", "Print keys as JSON that import reads."),
}

_MEANINGS = {
    **dict.fromkeys(("set", "write", "insert", "update"), "to store a value: kvgen kv put"),
    **dict.fromkeys(("rm", "remove", "clear"), "to delete keys: kvgen kv delete"),
    **dict.fromkeys(("ls", "keys"), "to list keys: kvgen kv list"),
    **dict.fromkeys(("run", "start", "dev"), "to serve the KV: kvgen kv serve"),
    "expire": "to delete what has expired: kvgen kv sweep",
    "dump": "to save keys in a file: kvgen kv export",
    "load": "to write the keys of a file: kvgen kv import",
}


@click.group(cls=LazyGroup, targets=_TARGETS, meanings=_MEANINGS)
def kv() -> None:
    """Serve the embedded KV, and read and write keys.

    By default these commands use the KV of the current folder. kvgen dev uses the same KV, and need
    not be running. With --store they use what kvgen dev keeps there. With --remote they use Telnyx
    KV: the namespace KV_NAMESPACE_ID, with the key TELNYX_API_KEY.
    """
