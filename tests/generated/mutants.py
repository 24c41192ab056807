"""Ways in which a person may break a handler, as texts that replace others in its file.

Named alike in each language; what every one of them has to do is make the scaffold's own tests fail.
"""

from collections.abc import Mapping

#: By pattern, language and name: what stands in the handler, and what a slip would leave there.
MUTANTS: Mapping[tuple[str, str], Mapping[str, tuple[str, str]]] = {
    ("session", "javascript"): {
        "ids are not checked": ("if (!sessions.isSessionId(sessionId))", "if (false)"),
        "nothing is deleted": ("await sessions.destroySession(sessionId);", ""),
        "nothing is loaded": ("await sessions.loadSession(sessionId)", "null"),
        "nothing is counted": ("sessions.countView(session);", ""),
        "nothing is saved": ("await sessions.saveSession(sessionId, session, SESSION_TTL);", ""),
        "saving is not waited for": ("await sessions.saveSession", "sessions.saveSession"),
        "seconds are taken for milliseconds": (
            "session, SESSION_TTL)",
            "session, SESSION_TTL * 1000)",
        ),
        "the new id is not told": (", { [SESSION_HEADER]: sessionId }", ""),
    },
    ("session", "python"): {
        "ids are not checked": ("if not sessions.is_session_id(session_id):", "if False:"),
        "nothing is deleted": ("await sessions.destroy_session(session_id)", "pass"),
        "nothing is loaded": ("await sessions.load_session(session_id)", "None"),
        "nothing is counted": ("sessions.count_view(session)", "pass"),
        "nothing is saved": (
            "await sessions.save_session(session_id, session, SESSION_TTL)",
            "pass",
        ),
        "saving is not waited for": ("await sessions.save_session", "sessions.save_session"),
        "seconds are taken for milliseconds": (
            "session, SESSION_TTL)",
            "session, SESSION_TTL * 1000)",
        ),
        "the new id is not told": (", {SESSION_HEADER: session_id}", ""),
    },
    ("session", "go"): {
        "ids are not checked": ("sessionHeader)\n\tif err != nil", "sessionHeader)\n\tif false"),
        "nothing is deleted": ("destroySession(r.Context(), sessionID)", "r.Context().Err()"),
        "nothing is loaded": ("if !isNew {\n\t\tif data", "if false {\n\t\tif data"),
        "nothing is counted": ("data = data.visited()", "data = newSession()"),
        "nothing is saved": (
            "saveSession(r.Context(), sessionID, data, sessionTTL)",
            "r.Context().Err()",
        ),
        "seconds are taken for milliseconds": ("data, sessionTTL)", "data, sessionTTL*1000)"),
        "a failure is not passed on": (
            "err != nil {\n\t\t\treturn err",
            "err != nil {\n\t\t\treturn nil",
        ),
        "the new id is not told": ("w.Header().Set(sessionHeader, sessionID)", ""),
    },
    ("cache", "javascript"): {
        "targets are not checked": ("if (target === null)", "if (false)"),
        "what one user sees is kept": ('request.headers.has("Authorization")', "false"),
        "the credential is not passed on": (", request.headers)", ")"),
        "all targets share a key": ("keyOf(CACHE_PREFIX, target)", 'keyOf(CACHE_PREFIX, "/")'),
        "nothing is kept": ('if (found.verdict === "MISS")', "if (false)"),
        "a failing store is written to": ('if (found.verdict === "MISS")', "if (true)"),
        "a failing origin is a bug": ("!(error instanceof OriginError)", "true"),
        "each asks for itself": (
            "cache.once(cacheKey, () => load(cacheKey, target))",
            "load(cacheKey, target)",
        ),
    },
    ("cache", "python"): {
        "targets are not checked": ("if target is None:", "if False:"),
        "what one user sees is kept": ('request.headers.get("Authorization") is not None', "False"),
        "the credential is not passed on": (", request.headers)", ")"),
        "all targets share a key": ("key_of(CACHE_PREFIX, target)", 'key_of(CACHE_PREFIX, "/")'),
        "nothing is kept": ('verdict == "MISS" and', "False and"),
        "a failing store is written to": ('verdict == "MISS" and ', ""),
        "a failing origin is a bug": ("except OriginError as error:", "except KeyError as error:"),
        "each asks for itself": ("cache.once(key, lambda: load(key, target))", "load(key, target)"),
    },
    ("cache", "go"): {
        "targets are not checked": ("RequestURI)\n\tif err != nil", "RequestURI)\n\tif false"),
        "what one user sees is kept": ('len(r.Header.Values("Authorization")) > 0', "false"),
        "the credential is not passed on": ("target, r.Header)", "target, nil)"),
        "all targets share a key": ("cacheKey(cachePrefix, target)", 'cacheKey(cachePrefix, "/")'),
        "nothing is kept": ('result.verdict == "MISS"', 'result.verdict == "-"'),
        "a failing store is written to": (' && result.verdict == "MISS"', ""),
        "a failing origin is no error": ("if err == nil && ", "if "),
    },
    ("flag", "javascript"): {
        "the UIs are swapped": (
            "? serveNewUI(request) : serveOldUI(request)",
            "? serveOldUI(request) : serveNewUI(request)",
        ),
        "the words are swapped": ('? "on" : "off"', '? "off" : "on"'),
        "the answer does not say": ("response.headers.set(", "String("),
        "the default is the other one": ("FLAG, FLAG_DEFAULT,", "FLAG, !FLAG_DEFAULT,"),
        "the flag is not read": (
            "await readFlag(FLAG, FLAG_DEFAULT, FLAG_REFRESH)",
            "FLAG_DEFAULT",
        ),
        "reading is not waited for": ("await readFlag", "readFlag"),
    },
    ("flag", "python"): {
        "the UIs are swapped": (
            "serve_new_ui(request) if enabled else serve_old_ui(request)",
            "serve_old_ui(request) if enabled else serve_new_ui(request)",
        ),
        "the words are swapped": ("'on' if enabled else 'off'", "'off' if enabled else 'on'"),
        "the answer does not say": ('headers["X-Flag"] =', "_ ="),
        "the default is the other one": ("FLAG, FLAG_DEFAULT,", "FLAG, not FLAG_DEFAULT,"),
        "the flag is not read": (
            "await read_flag(FLAG, FLAG_DEFAULT, FLAG_REFRESH)",
            "FLAG_DEFAULT",
        ),
        "reading is not waited for": ("await read_flag", "read_flag"),
    },
    ("flag", "go"): {
        "the UIs are swapped": ("if enabled {", "if !enabled {"),
        "the words are swapped": ('flagName+"=on"', 'flagName+"=off"'),
        "the answer does not say": ('w.Header().Set("X-Flag", flagName+"=off")', ""),
        "the default is the other one": ("flagName, flagDefault,", "flagName, !flagDefault,"),
        "the flag is not read": (
            "readFlag(r.Context(), flagName, flagDefault, flagRefresh)",
            "flagDefault, r.Context().Err()",
        ),
        "both are served": ("serveNewUI(w, r)\n\t\treturn nil", "serveNewUI(w, r)"),
    },
}
