"""Every rule for a folder, who requires it, and what happens if it is broken."""

from kvgen.check.finding import Finding, Level, Rule

_ENTRY = "platform: entry points"
_MANIFEST = "platform: manifest"
_LIMITS = "platform: limits"
_SECRETS = "platform: good practice"
_KVGEN = "kvgen"

_FACTS: tuple[tuple[str, Level, str, str], ...] = (
    # Any language
    ("language", Level.ERROR, _ENTRY, "The file at the root decides how a function is built."),
    ("unreadable", Level.ERROR, _KVGEN, "What cannot be read cannot be shipped either."),
    ("not-text", Level.ERROR, _ENTRY, "Source files and manifests are UTF-8 text."),
    ("too-large", Level.NOTE, _KVGEN, "A source file of more than 1 MiB is not parsed."),
    ("link", Level.ERROR, _ENTRY, "The container has the files of the folder and no others."),
    ("project", Level.ERROR, _KVGEN, "kvgen dev and kvgen regenerate read it."),
    ("no-project", Level.NOTE, _KVGEN, "kvgen dev and kvgen regenerate use its values."),
    ("lock", Level.ERROR, _KVGEN, "kvgen regenerate compares with it to see your edits."),
    ("dotenv", Level.ERROR, _KVGEN, "kvgen dev reads it."),
    ("size", Level.ERROR, _LIMITS, "A function's code has at most 50 MB compressed."),
    ("size-around", Level.WARNING, _LIMITS, "Whether ship leaves these folders out is unknown."),
    (
        "not-run",
        Level.NOTE,
        _KVGEN,
        "This part was read, but not checked by the language's own tool.",
    ),
    # func.toml
    ("manifest", Level.ERROR, _MANIFEST, "`telnyx-edge ship` reads it to know what to deploy."),
    ("manifest-block", Level.ERROR, _MANIFEST, "A block that the platform does not know."),
    ("manifest-key", Level.ERROR, _MANIFEST, "A key that the platform does not know."),
    ("manifest-type", Level.ERROR, _MANIFEST, "The platform expects another type here."),
    ("func-name", Level.ERROR, _MANIFEST, "The platform refuses any other name."),
    ("func-id", Level.ERROR, _MANIFEST, "It decides what ship deploys; it cannot be invented."),
    ("func-id-missing", Level.TODO, _MANIFEST, "It decides what ship deploys."),
    ("env-count", Level.ERROR, _LIMITS, "A function has at most 64 variables."),
    ("env-size", Level.ERROR, _LIMITS, "The value of a variable has at most 5 KB."),
    ("env-secret", Level.ERROR, _SECRETS, "func.toml is committed; a binding brings the key."),
    ("namespace-id", Level.ERROR, _MANIFEST, "The id of a KV namespace is a UUID."),
    ("namespace-missing", Level.TODO, _MANIFEST, "Without it every request gets a 500."),
    ("placeholder", Level.TODO, _KVGEN, "A pattern of the function needs your own value here."),
    ("variable-missing", Level.TODO, _KVGEN, "A pattern of the function needs it."),
    ("binding-missing", Level.WARNING, _MANIFEST, "[telnyx] sets TELNYX_API_KEY."),
    # Secrets
    ("secret", Level.ERROR, _SECRETS, "Everyone who has the file has the credential."),
    ("secret-ignored", Level.WARNING, _SECRETS, "git ignores the file; ship may not."),
    ("dotenv-tracked", Level.ERROR, _SECRETS, "Credentials end up in it sooner or later."),
    # JavaScript
    ("js-entry", Level.ERROR, _ENTRY, "The platform starts `index.js` at the root."),
    ("js-syntax", Level.ERROR, _ENTRY, "Node does not start with it."),
    ("js-import", Level.ERROR, _ENTRY, "Node does not start without it."),
    ("js-dependency", Level.ERROR, _ENTRY, "The platform installs what package.json lists."),
    ("js-listen", Level.ERROR, _ENTRY, "A JavaScript function brings its own HTTP server."),
    ("js-port", Level.ERROR, _ENTRY, "The platform sets PORT to the port that it calls."),
    ("js-health", Level.ERROR, _ENTRY, "Without a response to /health there is no traffic."),
    ("js-package", Level.ERROR, _ENTRY, "The platform reads package.json."),
    ("js-type", Level.ERROR, _ENTRY, "The platform runs ES modules."),
    ("js-main", Level.ERROR, _ENTRY, "The platform starts `index.js`."),
    ("js-start", Level.ERROR, _ENTRY, "The platform starts `node index.js`."),
    ("js-engine", Level.ERROR, _ENTRY, "The platform's floor is Node 18."),
    # TypeScript
    ("ts-entry", Level.ERROR, _ENTRY, "The platform starts the compiled index.ts of the root."),
    ("ts-types", Level.ERROR, _ENTRY, "The platform builds with tsc, and a build may not fail."),
    ("ts-import", Level.ERROR, _ENTRY, "Node does not start without it."),
    ("ts-dependency", Level.ERROR, _ENTRY, "The platform installs what package.json lists."),
    ("ts-nested", Level.WARNING, _ENTRY, "A build has lost files outside of the root."),
    ("ts-listen", Level.ERROR, _ENTRY, "A TypeScript function brings its own HTTP server."),
    ("ts-port", Level.ERROR, _ENTRY, "The platform sets PORT to the port that it calls."),
    ("ts-health", Level.ERROR, _ENTRY, "Without a response to /health there is no traffic."),
    ("ts-package", Level.ERROR, _ENTRY, "The platform reads package.json."),
    ("ts-type", Level.ERROR, _ENTRY, "The platform runs ES modules."),
    ("ts-build", Level.ERROR, _ENTRY, "The platform runs `npm run build`, and starts its result."),
    ("ts-start", Level.ERROR, _ENTRY, "The platform starts `node dist/index.js`."),
    ("ts-engine", Level.ERROR, _ENTRY, "The platform may run Node 20."),
    ("ts-compiler", Level.ERROR, _ENTRY, "The platform installs what package.json lists."),
    ("ts-config", Level.ERROR, _ENTRY, "tsc reads it."),
    ("ts-emit", Level.ERROR, _ENTRY, "The platform starts `node dist/index.js`."),
    # Python
    ("py-entry", Level.ERROR, _ENTRY, "The platform imports function/func.py."),
    ("py-syntax", Level.ERROR, _ENTRY, "Python does not import it."),
    ("py-import", Level.ERROR, _ENTRY, "Python does not start without it."),
    ("py-new", Level.ERROR, _ENTRY, "The platform calls `new()` once for each instance."),
    ("py-handle", Level.ERROR, _ENTRY, "The platform awaits handle(scope, receive, send)."),
    ("py-hook", Level.ERROR, _ENTRY, "start(cfg) and stop() are called, and not awaited."),
    ("py-export", Level.ERROR, _ENTRY, "The platform takes `new` from the package."),
    ("py-project", Level.ERROR, _ENTRY, "The platform builds from pyproject.toml."),
    ("py-name", Level.ERROR, _ENTRY, "The platform imports the project by this name."),
    ("py-backend", Level.ERROR, _ENTRY, "The platform builds with hatchling."),
    ("py-dependencies", Level.ERROR, _ENTRY, "The platform installs only the ones in [project]."),
    ("py-requirements", Level.WARNING, _ENTRY, "The platform does not read this file."),
    # Go
    ("go-entry", Level.ERROR, _ENTRY, "The platform builds handler.go into its own program."),
    ("go-package", Level.ERROR, _ENTRY, "The platform imports the package by this name."),
    ("go-handle", Level.ERROR, _ENTRY, "The platform calls Handle(w, r) for each request."),
    ("go-module", Level.ERROR, _ENTRY, "Any other name fails the platform's build."),
    ("go-version", Level.ERROR, _ENTRY, "The platform builds with Go 1.24."),
    ("go-build", Level.ERROR, _ENTRY, "Go does not build it."),
)

RULES = {name: Rule(name, level, source, why) for name, level, source, why in _FACTS}


def broken(rule: str, path: str, line: int | None, message: str, fix: str) -> Finding:
    """Return the finding that a rule is broken; ``line`` counts from 1."""
    return Finding(RULES[rule], path, line, message, fix)
