"""The Esc key, by which a fetch is broken off while Excel waits for a button's Python.

Only Windows lets another program see the keys. On macOS a button runs beside Excel, so nobody
sits and waits for it.
"""

import sys

if sys.platform == "win32":
    import ctypes

    _VK_ESCAPE = 0x1B
    #: The key is down (the high bit), or has been since it was last asked about.
    _NERE = 0x8001

    def is_esc_pressed(pid: int) -> bool:
        """Tell whether Esc has been pressed since the last call, in a window of this process."""
        user32 = ctypes.windll.user32
        user32.GetForegroundWindow.restype = ctypes.c_void_p
        pressed = user32.GetAsyncKeyState(_VK_ESCAPE) & _NERE
        in_front = ctypes.c_ulong()
        window = ctypes.c_void_p(user32.GetForegroundWindow())
        user32.GetWindowThreadProcessId(window, ctypes.byref(in_front))
        return bool(pressed) and in_front.value == pid

else:

    def is_esc_pressed(pid: int) -> bool:
        """Tell that it has not, as far as anybody can know here."""
        return False
