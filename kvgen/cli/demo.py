"""`kvgen demo`: the whole thing in one screen, in a temporary folder."""

import click

from kvgen.cli.signals import stoppable
from kvgen.errors import KvgenError
from kvgen.files.temporary import temporary_folder


@click.command()
def demo() -> None:
    """Show kvgen in one screen: four languages over one KV.

    Scaffolds functions into a temporary folder and runs them: one session through all languages,
    a cache miss and hit, a flipped flag, and all three in one function. The folder is removed at
    the end.
    """
    # Imported here: to complete an option takes none of it.
    import asyncio

    from kvgen.cli.demo_scenes import show

    with temporary_folder("demo") as folder:
        missing = asyncio.run(stoppable(show(folder)))
    if missing:
        raise KvgenError(f"not shown: {', '.join(missing)}", "the reasons are above")
