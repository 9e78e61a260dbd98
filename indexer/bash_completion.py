"""Completion in bash: click's own leaves a field's value alone, since bash takes a colon for the end of a word.

So the line is read as it stands, and what bash has of the word already is left out of what it is given.
"""

from __future__ import annotations

import os
from typing import Any

from click.shell_completion import BashComplete, CompletionItem, add_completion_class, split_arg_string

SOURCE = """\
%(complete_func)s() {
    local IFS=$'\\n' response completion
    response=$(env COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_CWORD="${COMP_WORDS[COMP_CWORD]}" \
        %(complete_var)s=bash_complete $1)
    for completion in $response; do
        case "$completion" in
            dir,*) COMPREPLY=(); compopt -o dirnames ;;
            file,*) COMPREPLY=(); compopt -o default ;;
            plain,*) COMPREPLY+=("${completion#plain,}") ;;
        esac
    done
    [[ "${COMPREPLY[*]}" == *: ]] && compopt -o nospace
    return 0
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


@add_completion_class
class Bash(BashComplete):
    """Bash, whose words may be parts of ours: COMP_WORDS is the line up to the cursor, COMP_CWORD bash's word there."""

    source_template = SOURCE
    _held = ""  # what bash has of the word, before its own

    def get_completion_args(self) -> tuple[list[str], str]:
        """Give the words before that at the cursor, and that one."""
        line, own = os.environ["COMP_WORDS"], os.environ["COMP_CWORD"]
        words = split_arg_string(line)
        ends = line[-1:].isspace() and not words[-1].endswith(line[-1])  # a blank in quotation marks ends nothing
        incomplete = "" if ends else words.pop()
        own = own.strip(":=")
        if not own or incomplete.endswith(own):
            self._held = incomplete.removesuffix(own)
        return words[1:], incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Give what comes after what bash holds."""
        return f"{item.type},{item.value.removeprefix(self._held)}"
