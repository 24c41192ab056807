"""Slips that a person may make in a handler; each has to make the scaffold's own tests fail.

Those of a pattern are named alike in each language. ``cookie`` is a session in a cookie.
"""

from collections.abc import Mapping

#: The file that is broken.
HANDLERS = {
    "javascript": "handler.js",
    "typescript": "handler.ts",
    "python": "function/handler.py",
    "go": "handler.go",
}

#: What stands in the handler once, and what comes in its place, by name.
Slips = Mapping[str, tuple[str, str]]

_SLIPS: Mapping[tuple[str, str], Slips] = {
    ("session", "javascript"): {
        "ids are not checked": ("if (!isSessionId(sessionId)) {", "if (false) {"),
        "nothing is deleted": ("await destroySession(sessionId);", ""),
        "nothing is loaded": ("isNew ? null : await loadSession(sessionId)", "null"),
        "nothing is counted": ("session.views + 1 : 1", "session.views : 1"),
        "nothing is saved": ("await saveSession(sessionId, session, SESSION_TTL);", ""),
        "saving is not awaited": ("await saveSession(", "saveSession("),
        "seconds are taken for milliseconds": (
            "session, SESSION_TTL)",
            "session, SESSION_TTL * 1000)",
        ),
        "the new id is not sent": (", { [SESSION_HEADER]: sessionId }", ""),
    },
    ("session", "python"): {
        "ids are not checked": ("if not is_session_id(session_id):", "if False:"),
        "nothing is deleted": ("await destroy_session(session_id)", "pass"),
        "nothing is loaded": ("None if is_new else await load_session(session_id)", "None"),
        "nothing is counted": ("views + 1 if type", "views if type"),
        "nothing is saved": ("await save_session(session_id, session, SESSION_TTL)", "pass"),
        "saving is not awaited": ("await save_session(", "save_session("),
        "seconds are taken for milliseconds": (
            "session, SESSION_TTL)",
            "session, SESSION_TTL * 1000)",
        ),
        "the new id is not sent": (", SESSION_HEADER: session_id", ""),
    },
    ("session", "go"): {
        "ids are not checked": ("if len(ids) != 1 || !isSessionID(ids[0]) {", "if false {"),
        "nothing is deleted": ("destroySession(r.Context(), sessionID)", "r.Context().Err()"),
        "nothing is loaded": ("if !isNew {", "if false {"),
        "nothing is counted": ("countView(session)", "session = newSession()"),
        "nothing is saved": (
            "saveSession(r.Context(), sessionID, session, sessionTTL)",
            "r.Context().Err()",
        ),
        "seconds are taken for milliseconds": ("session, sessionTTL)", "session, sessionTTL*1000)"),
        "a failure is not passed on": (
            "sessionID); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\tif session",
            "sessionID); err != nil {\n\t\t\treturn nil\n\t\t}\n\t}\n\tif session",
        ),
        "the new id is not sent": ("w.Header().Set(sessionHeader, sessionID)", ""),
    },
    ("cookie", "javascript"): {
        "unknown ids are adopted": (
            "(session && sentId) || newSessionId()",
            "sentId || newSessionId()",
        ),
        "nothing is deleted": ("if (sentId) await destroySession(sentId);", ""),
        "the cookie is not cleared": (', "Set-Cookie": cookie }', " }"),
        "the cookie is not renewed": ('{ "Set-Cookie": cookie });', "{});"),
        "nothing is saved": ("await saveSession(sessionId, session, SESSION_TTL);", ""),
    },
    ("cookie", "python"): {
        "unknown ids are adopted": (
            "session_id, session = new_session_id(), new_session()",
            "session_id, session = session_id or new_session_id(), new_session()",
        ),
        "nothing is deleted": ("await destroy_session(session_id)", "pass"),
        "the cookie is not cleared": (
            '204, headers={**NO_STORE, "Set-Cookie": cookie}',
            "204, headers=NO_STORE",
        ),
        "the cookie is not renewed": (
            'status, {**NO_STORE, "Set-Cookie": cookie}',
            "status, NO_STORE",
        ),
        "nothing is saved": ("await save_session(session_id, session, SESSION_TTL)", "pass"),
    },
    ("cookie", "go"): {
        "unknown ids are adopted": (
            "sessionID, session = newSessionID(), newSession()",
            "session = newSession()",
        ),
        "nothing is deleted": ("destroySession(r.Context(), sessionID)", "r.Context().Err()"),
        "the cookie is not cleared": ("http.SetCookie(w, clearedCookie(sessionCookieName))", ""),
        "the cookie is not renewed": (
            "http.SetCookie(w, sessionCookie(sessionCookieName, sessionID, sessionTTL))",
            "",
        ),
        "nothing is saved": (
            "saveSession(r.Context(), sessionID, session, sessionTTL)",
            "r.Context().Err()",
        ),
    },
    ("cache", "javascript"): {
        "targets are not checked": ("if (key === null)", "if (false)"),
        "what one user sees is stored": ('request.headers.has("Authorization")', "false"),
        "the credential is not passed on": (", request.headers)", ")"),
        "all targets share a key": (
            "cacheKey(CACHE_PREFIX, target)",
            'cacheKey(CACHE_PREFIX, "/")',
        ),
        "seconds are taken for milliseconds": ("CACHE_TTL,", "CACHE_TTL * 1000,"),
        "nothing is stored": (
            "cached(key, CACHE_TTL, () => fetchOrigin(target))",
            "fetchOrigin(target)",
        ),
    },
    ("cache", "python"): {
        "targets are not checked": ("if key is None:", "if False:"),
        "what one user sees is stored": ('"Authorization" in request.headers', "False"),
        "the credential is not passed on": ("(target, request.headers)", "(target)"),
        "all targets share a key": (
            "cache_key(CACHE_PREFIX, target)",
            'cache_key(CACHE_PREFIX, "/")',
        ),
        "seconds are taken for milliseconds": ("CACHE_TTL,", "CACHE_TTL * 1000,"),
        "nothing is stored": (
            "cached(key, CACHE_TTL, lambda: fetch_origin(target))",
            "fetch_origin(target)",
        ),
    },
    ("cache", "go"): {
        "targets are not checked": ("if !ok {", "if !ok && false {"),
        "what one user sees is stored": ('len(r.Header.Values("Authorization")) > 0', "false"),
        "the credential is not passed on": ("target, r.Header)", "target, nil)"),
        "all targets share a key": ("cacheKey(cachePrefix, target)", 'cacheKey(cachePrefix, "/")'),
        "seconds are taken for milliseconds": ("cacheTTL,", "cacheTTL*1000,"),
        "nothing is stored": (
            "cached(r.Context(), key, cacheTTL, fetch)",
            "fetch(context.WithValue(r.Context(), key, 0))",
        ),
    },
    ("flag", "javascript"): {
        "the UIs are swapped": (
            "? serveNewUI(request) : serveOldUI(request)",
            "? serveOldUI(request) : serveNewUI(request)",
        ),
        "the words are swapped": ('? "on" : "off"', '? "off" : "on"'),
        "the response does not say": ("response.headers.set(", "String("),
        "the default is the other one": ("FLAG, FLAG_DEFAULT,", "FLAG, !FLAG_DEFAULT,"),
        "the flag is not read": (
            "await readFlag(FLAG, FLAG_DEFAULT, FLAG_REFRESH)",
            "FLAG_DEFAULT",
        ),
        "reading is not awaited": ("await readFlag", "readFlag"),
    },
    ("flag", "python"): {
        "the UIs are swapped": (
            "serve_new_ui(request) if enabled else serve_old_ui(request)",
            "serve_old_ui(request) if enabled else serve_new_ui(request)",
        ),
        "the words are swapped": ("'on' if enabled else 'off'", "'off' if enabled else 'on'"),
        "the response does not say": ('response.headers["X-Flag"] =', "_ ="),
        "the default is the other one": ("FLAG, FLAG_DEFAULT,", "FLAG, not FLAG_DEFAULT,"),
        "the flag is not read": (
            "await read_flag(FLAG, FLAG_DEFAULT, FLAG_REFRESH)",
            "FLAG_DEFAULT",
        ),
        "reading is not awaited": ("await read_flag", "read_flag"),
    },
    ("flag", "go"): {
        "the UIs are swapped": ("if newUIEnabled {", "if !newUIEnabled {"),
        "the words are swapped": ('flagName+"=on"', 'flagName+"=off"'),
        "the response does not say": ('w.Header().Set("X-Flag", flagName+"=off")', ""),
        "the default is the other one": ("flagName, flagDefault,", "flagName, !flagDefault,"),
        "the flag is not read": (
            "readFlag(r.Context(), flagName, flagDefault, flagRefresh)",
            "flagDefault, r.Context().Err()",
        ),
        "both are served": ("serveNewUI(w, r)\n\t\treturn nil", "serveNewUI(w, r)"),
    },
    ("webhook", "javascript"): {
        "any method is served": ('if (request.method !== "POST")', "if (false)"),
        "signatures are not checked": (
            "await receiveEvent(request, WEBHOOK_TOLERANCE)",
            "(await request.json()).data",
        ),
        "seconds are taken for milliseconds": (
            "WEBHOOK_DEDUPE, effect",
            "WEBHOOK_DEDUPE * 1000, effect",
        ),
        "nothing is ever stale": ("(request, WEBHOOK_TOLERANCE)", "(request, Infinity)"),
        "every event is new": (
            "await processOnce(event.id, WEBHOOK_DEDUPE, effect)",
            "(effect(), 1)",
        ),
        "processing is not awaited": ("await processOnce", "processOnce"),
        "the words are swapped": ('"processed" : "duplicate"', '"duplicate" : "processed"'),
        "one type is an error": ('console.log("call initiated")', "event.payload.a.b"),
        "unknown types are an error": (
            "  }\n}\n\nfunction",
            "    default: throw new Error();\n  }\n}\n\nfunction",
        ),
    },
    ("webhook", "python"): {
        "any method is served": ('if request.method != "POST":', "if False:"),
        "signatures are not checked": (
            "await receive_event(request, WEBHOOK_TOLERANCE)",
            '(await request.json())["data"]',
        ),
        "seconds are taken for milliseconds": (
            "WEBHOOK_DEDUPE, lambda",
            "WEBHOOK_DEDUPE * 1000, lambda",
        ),
        "nothing is ever stale": ("(request, WEBHOOK_TOLERANCE)", '(request, float("inf"))'),
        "processing is not awaited": ("await process_once", "process_once"),
        "the words are swapped": (
            '"processed" if is_new else "duplicate"',
            '"duplicate" if is_new else "processed"',
        ),
        "one type is an error": ('logger.info("call initiated")', 'event["payload"]["a"]'),
        "unknown types are an error": (
            'logger.info("call initiated")',
            "pass\n        case _:\n            raise ValueError",
        ),
    },
    ("webhook", "go"): {
        "any method is served": ('allowMethods(w, r, "POST")', "r.Context().Err()"),
        "seconds are taken for milliseconds": (
            "event.ID, webhookDedupe,",
            "event.ID, webhookDedupe*1000,",
        ),
        "nothing is ever stale": ("(r, webhookTolerance)", "(r, 1e18)"),
        "a refusal is not passed on": (
            "webhookTolerance)\n\tif err != nil {\n\t\treturn err",
            "webhookTolerance)\n\tif err != nil {\n\t\treturn nil",
        ),
        "the words are swapped": ("if isNew {", "if !isNew {"),
        "every event has one id": ("r.Context(), event.ID,", 'r.Context(), "id",'),
        "one type is an error": ('log.Print("call initiated")', "return context.Canceled"),
        "unknown types are an error": (
            "\t}\n\treturn nil\n}\n",
            "\tdefault:\n\t\treturn context.Canceled\n\t}\n\treturn nil\n}\n",
        ),
    },
}

#: By pattern and language; those of a TypeScript handler are those of the same without types.
MUTANTS: Mapping[tuple[str, str], Slips] = {
    **_SLIPS,
    **{(name, "typescript"): slips for (name, la), slips in _SLIPS.items() if la == "javascript"},
}
