# SPDX-License-Identifier: Apache-2.0
"""Puts the reader in front of the kiosk: its terminal face in the upper 24 lines, and below it one line for the soft key, which in
real life is a thing in the hand. Two control keys go to the soft key; everything else goes to the kiosk, which knows nothing of this."""
import argparse
import os
import pathlib
import re
import select
import subprocess
import sys
import termios
import tty

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import terminal  # noqa: E402

INSERT, TOUCH = b"\x0b", b"\x14"  # Ctrl-K, Ctrl-T


class Key:
    def __init__(self, program, control, name, pin):
        self.program, self.control, self.name = program, control, name
        self.in_port = False
        self.light = ""
        self.say("insert", name, "1-1")
        self.say("pin", name, pin)
        self.say("remove", name)

    def say(self, *words):
        return subprocess.run([self.program, self.control, *words], capture_output=True, text=True).stdout.strip()

    def look(self):
        status = self.say("status", self.name)
        self.in_port = status.startswith("ok in")
        self.light = "blinking" if "blinking" in status else "idle"

    def toggle(self):
        self.say("remove" if self.in_port else "insert", self.name)
        self.look()

    def touch(self):
        self.say("touch", self.name)


def banner(key, rows):
    if key.in_port and key.light == "blinking":
        text = f" Soft key of {key.name}: BLINKING. Press Ctrl-T to touch it. Ctrl-K takes it out."
    elif key.in_port:
        text = f" Soft key of {key.name}: in the port. Ctrl-K takes it out. Ctrl-C ends the demo."
    else:
        text = f" Soft key of {key.name}: in your hand. Ctrl-K inserts it. Ctrl-C ends the demo."
    return f"\x1b7\x1b[{rows};1H\x1b[7m{text[:80]:<80}\x1b[0m\x1b8".encode()


def decided(kiosk):
    """The receipt was read: we are back at the list, with the key or without it, or it is somebody else's turn."""
    return bool(re.search(r"waits? for a decision|[Nn]othing waits|The next one reads it", kiosk.screen.text()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("softkeyctl")
    parser.add_argument("control")
    parser.add_argument("name")
    parser.add_argument("pin")
    parser.add_argument("argv", nargs="+")
    options = parser.parse_args()
    key = Key(options.softkeyctl, options.control, options.name, options.pin)
    kiosk = terminal.Terminal(options.argv)
    before = termios.tcgetattr(0)
    signed = False
    shown = None
    try:
        tty.setraw(0)
        os.write(1, b"\x1b[2J\x1b[H")
        while True:
            ready, _, _ = select.select([0, kiosk.master], [], [], 0.3)
            if kiosk.master in ready:
                data = os.read(kiosk.master, 65536)
                kiosk.take(data)
                os.write(1, data)
                shown = None
            if 0 in ready:
                typed = os.read(0, 1024)
                if INSERT in typed:
                    key.toggle()
                elif TOUCH in typed:
                    key.touch()
                elif b"\x03" in typed or b"\x04" in typed:
                    return 1
                else:
                    os.write(kiosk.master, typed)
            key.look()
            line = banner(key, 25)
            if line != shown and kiosk.whole():  # never in the middle of the kiosk's own sequence
                os.write(1, line)
                shown = line
            signed = signed or bool(re.search(r"\bReceipt\b", kiosk.screen.text()))
            if signed and decided(kiosk):
                return 0
    except OSError:
        return 1
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
        os.write(1, b"\x1b[0m\x1b[?25h\x1b[2J\x1b[H")
        kiosk.close()


sys.exit(main())
