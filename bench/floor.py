"""The floor of scaffolding: files rendered and written by bare click and jinja2."""

from pathlib import Path

import click
from jinja2 import Environment, FileSystemLoader


@click.command()
@click.argument("templates", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("name")
def main(templates: Path, folder: Path, name: str) -> None:
    """Render every template into FOLDER."""
    loader = FileSystemLoader(templates)
    environment = Environment(loader=loader, keep_trailing_newline=True)  # noqa: S701
    folder.mkdir()
    for template in environment.list_templates():
        (folder / template).write_text(environment.get_template(template).render(name=name))


if __name__ == "__main__":
    main()
