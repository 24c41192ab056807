"""Two files change places in one step, so that what was replaced can be looked at afterwards."""

import errno
import os
import sys
from functools import cache
from typing import Any

_EXCHANGE = 2  # RENAME_EXCHANGE of Linux, and RENAME_SWAP of macOS
_CALLS = {"linux": "renameat2", "darwin": "renameatx_np"}
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def exchange(first: int, second: int, name: str) -> bool:
    """Exchange the files of one name in two open folders; False if that cannot be done."""
    call, get_errno = _system_call()
    if call is None:
        return False
    if call(first, os.fsencode(name), second, os.fsencode(name), _EXCHANGE) == 0:
        return True
    number = get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), name)


@cache
def _system_call() -> tuple[Any, Any]:
    # It takes longer to import than a folder takes to plan.
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    call = getattr(library, _CALLS.get(sys.platform, ""), None)
    if call:
        place = (ctypes.c_int, ctypes.c_char_p)
        call.argtypes = (*place, *place, ctypes.c_uint)
    return call, ctypes.get_errno
