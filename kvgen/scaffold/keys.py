"""The keys of a pattern.toml, each with what it says; what is not here is refused. Pure."""

TEXTS = {
    "title": "a few words for a list",
    "summary": "one sentence on what the pattern does",
    "kv_calls": "KV calls a request",
    "needs": "what it needs to run, for example `a KV namespace`",
}
PATTERN = {
    **TEXTS,
    "first_requests": "requests that `kvgen dev` suggests; `URL` stands for the address",
    "options": "a table for each option of `kvgen new` and `kvgen add`",
    "env": "a table for each environment variable that the function reads",
    "languages": "a table for each language that the pattern is written in, one at least",
    "dependencies": "for each language a list of packages, as its manifest has them",
}
OPTION = {
    "kind": "the rule for an answer: `choice`, or a kind from the list below",
    "default": "the default answer; it must follow the rule",
    "help": "one sentence for `--help`",
    "choices": "the answers that a `choice` allows",
    "instead_of": "another option that this one replaces; both at once are refused",
}
VARIABLE = {
    "option": "the option whose answer is the value in `func.toml` and `.env.example`",
    "stand_in": "what `kvgen dev` puts in place of the default: `origin` (a server), `signing-key`",
}
LANGUAGE = {
    "parts": "files that `kvgen add` brings into any function: the mechanics and their tests",
    "function": "files that only `kvgen new` writes: the handler and its tests",
    "section": "a file with the pattern's section of the README",
    "use": "files with the lines that `kvgen add` prints, to be put into the handler",
    "foreign_use": "the same for a function that kvgen did not make, if it differs",
}
REQUEST = {
    "text": "the command line",
    "when": "an option: only if it has an answer",
    "unless": "an option: only if it has no answer",
}
FILE = {
    "source": "path of the template below the folder of the language",
    "target": "path in the function; by default that of the source without `.j2`",
    "when": "an option: only if it has an answer",
    "unless": "an option: only if it has no answer",
    "raw": "`true` to copy the file as it is, which may then be binary",
}
