# SPDX-License-Identifier: Apache-2.0
"""A terminal for tests: runs a program on a pseudo-terminal and keeps its screen, so that a test reads what a person would
see and types what a person would type. Knows the sequences that our programs write: cursor position, clear, SGR, alternate
screen, cursor visibility. Anything else in the output is an error, because nothing else should ever reach a terminal."""
import codecs
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unicodedata

KEYS = {
    "enter": "\r", "esc": "\x1b", "tab": "\t", "backspace": "\x7f", "pgdn": "\x1b[6~", "pgup": "\x1b[5~", "up": "\x1b[A",
    "down": "\x1b[B", "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~",
    "f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~", "f10": "\x1b[21~", "f11": "\x1b[23~", "f12": "\x1b[24~",
}
SEQUENCE = re.compile(r"\x1b(?:\[([?0-9;]*)([A-Za-z])|([()][A-Z0-9])|([78=>cM]))")


class Screen:
    def __init__(self, rows=24, columns=80):
        self.rows, self.columns = rows, columns
        self.strange = []
        self.clear()

    def clear(self):
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0

    def lines(self):
        return ["".join(row).rstrip() for row in self.cells]

    def text(self):
        return "\n".join(self.lines())

    def put(self, ch):
        if unicodedata.combining(ch):
            return
        if self.column < self.columns and self.row < self.rows:
            self.cells[self.row][self.column] = ch
        self.column += 2 if unicodedata.east_asian_width(ch) in "WF" else 1

    def control(self, numbers, final):
        n = [int(x) if x.isdigit() else 0 for x in numbers.lstrip("?").split(";")] if numbers else [0]
        if final in "Hf":
            self.row = max(n[0], 1) - 1
            self.column = max(n[1] if len(n) > 1 else 1, 1) - 1
        elif final == "J":
            if n[0] in (2, 3):
                row, column = self.row, self.column
                self.clear()
                self.row, self.column = row, column
            else:
                self.erase(self.row, self.column)
                for r in range(self.row + 1, self.rows):
                    self.erase(r, 0)
        elif final == "K":
            self.erase(self.row, 0 if n[0] in (1, 2) else self.column)
        elif final in "hl" and numbers.startswith("?"):
            if "1049" in numbers and final == "h":
                self.clear()
        elif final == "G":
            self.column = max(n[0], 1) - 1
        elif final in "ABCD":
            step = max(n[0], 1)
            self.row += {"A": -step, "B": step}.get(final, 0)
            self.column += {"C": step, "D": -step}.get(final, 0)
        elif final not in "mr":
            self.strange.append(f"CSI {numbers}{final}")

    def erase(self, row, column):
        if row < self.rows:
            self.cells[row][column:] = [" "] * (self.columns - column)

    def feed(self, text):
        """Takes the whole sequences of text; returns the unfinished rest."""
        at = 0
        while at < len(text):
            ch = text[at]
            if ch == "\x1b":
                m = SEQUENCE.match(text, at)
                if m is None:
                    if len(text) - at < 24:
                        return text[at:]
                    self.strange.append(repr(text[at:at + 8]))
                    at += 1
                    continue
                if m.group(2):
                    self.control(m.group(1) or "", m.group(2))
                at = m.end()
                continue
            if ch == "\r":
                self.column = 0
            elif ch == "\n":
                self.row = min(self.row + 1, self.rows - 1)
            elif ch == "\b":
                self.column = max(self.column - 1, 0)
            elif ord(ch) < 32 or ord(ch) == 127 or 0x80 <= ord(ch) < 0xA0:
                self.strange.append(repr(ch))
            else:
                self.put(ch)
            at += 1
        return ""


class Terminal:
    """A program on its own 80x24 terminal. `echo`: also write what it prints to our own standard output."""

    def __init__(self, argv, rows=24, columns=80, env=None, echo=False):
        self.screen = Screen(rows, columns)
        self.echo = echo
        self.raw = b""
        self._rest = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)

    def pump(self, seconds=0.0):
        """Reads what is there; waits at most `seconds` for the first byte. False when the program has closed the terminal."""
        while True:
            ready, _, _ = select.select([self.master], [], [], seconds)
            if not ready:
                return True
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.raw = (self.raw + data)[-1 << 20:]
            if self.echo:
                os.write(sys.stdout.fileno(), data)
            self.take(data)
            seconds = 0.0

    def take(self, data):
        """Puts output of the program on the screen."""
        self._rest = self.screen.feed(self._rest + self._decoder.decode(data))

    def whole(self):
        """No sequence is half there."""
        return self._rest == ""

    def send(self, *keys, text=None):
        for key in keys:
            os.write(self.master, KEYS.get(key, key).encode())
            time.sleep(0.03)
        if text is not None:
            os.write(self.master, text.encode())

    def wait_for(self, *texts, timeout=20.0, gone=False):
        """Until one of the texts (regular expressions) is on the screen; returns which. With gone: until none is."""
        end = time.monotonic() + timeout
        while True:
            alive = self.pump(0.05)
            shown = self.screen.text()
            hits = [t for t in texts if re.search(t, shown)]
            if bool(hits) != gone:
                return hits[0] if hits else None
            if time.monotonic() > end or not alive:
                state = "still there" if gone else "never came"
                raise AssertionError(f"{' / '.join(texts)}: {state} after {timeout} s; the screen:\n{shown}\n")

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            end = time.monotonic() + 5
            while self.process.poll() is None and time.monotonic() < end:
                self.pump(0.05)
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
        status = self.process.wait()
        try:
            self.pump(0.1)  # what it said last, after we looked last
        except (OSError, AssertionError):
            pass  # the other end is gone, as it should be
        os.close(self.master)
        return status
