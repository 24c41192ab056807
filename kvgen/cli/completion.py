"""`kvgen completion`: the script by which a shell completes kvgen's command lines."""

import os
import re

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from kvgen.cli.terminal import block, echo

#: Asks kvgen to complete rather than to run; click reads it.
VARIABLE = "_KVGEN_COMPLETE"

_PLACES = {
    "bash": "Write it to ~/.local/share/bash-completion/completions/kvgen, or source it in "
    "~/.bashrc.",
    "zsh": "Write it to a file named _kvgen in a folder of your fpath, for example ~/.zfunc, "
    "before compinit in ~/.zshrc.",
    "fish": "Write it to ~/.config/fish/completions/kvgen.fish.",
}


@click.command()
@click.argument("shell", type=click.Choice(list(_PLACES)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a script that makes a shell complete kvgen's command lines.

    It completes commands, patterns, languages, options and their values, the files of kvgen show,
    the values of --set and --resolve, and the keys of the embedded KV.
    """
    complete = get_completion_class(shell)
    assert complete
    block(complete(ctx.find_root().command, {}, "kvgen", VARIABLE).source(), nl=False)
    echo(_PLACES[shell], err=True)


@add_completion_class
class WholeWords(BashComplete):
    """Bash, which takes ``ttl=1h`` for three words, and completes only the last of them.

    click's own script hands these words on, so that nothing after a = would be completed. This one
    hands on the line.
    """

    source_template = """\
%(complete_func)s() {
    local type value
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("$value")
                [[ $value == *= ]] && compopt -o nospace
                ;;
        esac
    done < <(COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor, and what is typed of the one at it."""
        line = os.environ["COMP_WORDS"]
        words = split_arg_string(line)
        incomplete = words.pop() if words and not line[-1].isspace() else ""
        self._kept = _kept(incomplete)
        return words[1:], incomplete

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Leave out what bash keeps of the word."""
        return f"{item.type},{item.value.removeprefix(self._kept)}"


def _kept(incomplete: str) -> str:
    """Return the part of a word that bash keeps when it completes: all up to the last =."""
    if "=" not in os.environ.get("COMP_WORDBREAKS", "="):
        return ""
    value = re.sub("^-[^=]*=", "", incomplete)
    return value[: value.rfind("=") + 1]
