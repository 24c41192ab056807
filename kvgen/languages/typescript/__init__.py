"""TypeScript: `describe` for scaffolding, `run` for `kvgen dev`, `check` for `kvgen check`."""
