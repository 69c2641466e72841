# SPDX-License-Identifier: Apache-2.0
"""Soft PIV cards in a PC/SC of their own: a network namespace (vpcd listens on every address), a private pcscd with vpcd's readers,
and the program of tests/softcard. Clients outside the namespace reach this pcscd by the environment that `env` gives."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PORT = 35963  # of the first reader; every Cards has its own loopback, so nobody else's is in the way
SLOTS = 2  # readers that one vpcd has, at consecutive ports
DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
PCSCD = "/usr/sbin/pcscd"
# vpcd writes each APDU in two pieces, so without this its second one waits 40 ms for the acknowledgement of the first
LOOPBACK = "ip link set lo up && ip route replace local 127.0.0.1 dev lo table local src 127.0.0.1 quickack 1"
WAIT_S = 30.0  # for anything that comes at once; large, because the machine may be busy


class Failed(Exception):
    """Something that should work did not; the text says what, for a person."""


def wait_until(what, holds, seconds=WAIT_S):
    """Asks until it holds; Failed, with the name of what was waited for, when it never does."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Failed(f"{what}: not after {seconds:.0f} s")
        time.sleep(0.02)


class Cards:
    """with Cards(BUILD, DIRECTORY, readers=2) as cards: cards("insert", "olga"); run(client, env=cards.env()).

    With `usb` reader N says that it is USB device N + 1 of bus 7, as a real one says where it is; the test puts that device into a port
    (tests/softkey/README.md, `reader`). Without, a reader is at no port.

    `build` is the build directory. Without `directory` there is a temporary one, and `stop` takes it away. Reader N is named
    "Soft Reader N/2 00 0M"; reader_name(N) says it in full."""

    def __init__(self, build, directory=None, readers=2, program=None, usb=False):
        build = pathlib.Path(build).resolve()
        self.programs = build / "tests" / "softcard"
        self.temporary = directory is None
        self.dir = pathlib.Path(directory or tempfile.mkdtemp(prefix="cards.")).resolve()
        self.state, self.conf, self.logs = self.dir / "cards", self.dir / "reader.conf.d", self.dir / "logs"
        self.socket, self.control = self.dir / "pcscd.comm", self.dir / "softcard.sock"
        self.readers, self.usb = readers, usb
        self.space = self.pcscd = self.cards = None
        self.stopped = False
        for d in (self.state, self.conf, self.logs):
            d.mkdir(parents=True, exist_ok=True)
        try:
            self._make_space()
            self._configure()
            self.start_pcscd()
            self.program = program or [self.programs / "softcard", "--state", self.state, "--control", self.control]
            self.start_cards()
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # --- processes ---

    def _make_space(self):
        own = [] if os.geteuid() == 0 else ["--map-root-user"]
        self.space = subprocess.Popen(["unshare", *own, "--net", "sh", "-c", f"{LOOPBACK} && echo ready && exec cat"],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.space.stdout.readline().strip() != "ready":
            raise Failed("no network namespace: this needs root, or user namespaces")

    def inside(self, argv):
        """argv, to be run in the namespace; it ends with this process."""
        own = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", str(self.space.pid), "--net", *own, "setpriv", "--pdeathsig", "KILL", *[str(a) for a in argv]]

    def _configure(self):
        """One vpcd for two readers. A vpcd knows no more than two, whatever it is asked for, so each gets a copy of the driver, which has
        its own memory."""
        drivers = self.dir / "drivers"
        drivers.mkdir(exist_ok=True)
        rows = []
        for first in range(0, self.readers, SLOTS):
            driver = drivers / f"vpcd{first // SLOTS}.so"
            shutil.copyfile(self.programs / "softreader.so" if self.usb else DRIVER, driver)
            if self.usb:
                shutil.copyfile(DRIVER, f"{driver}.vpcd")
            driver.chmod(0o755)
            rows.append(f'FRIENDLYNAME "Soft Reader {first // SLOTS}"\nDEVICENAME /dev/null:{PORT + first}\n'
                        f"LIBPATH {driver}\nCHANNELID {PORT + first}\n")
        (self.conf / "vpcd").write_text("\n".join(rows))

    def _log(self, name):
        return open(self.logs / name, "ab")

    def start_pcscd(self):
        """pcscd takes the socket as systemd hands it over, so that clients may connect before it runs."""
        self.socket.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.socket))
        listener.listen(64)

        def third():
            os.dup2(listener.fileno(), 3)
            os.set_inheritable(3, True)

        run = f"LISTEN_FDS=1 LISTEN_PID=$$ exec {PCSCD} --foreground --config '{self.conf}' --info"
        with self._log("pcscd") as log:
            self.pcscd = subprocess.Popen(self.inside(["sh", "-c", run]), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          preexec_fn=third, close_fds=False)
        listener.close()
        wait_until("pcscd", lambda: self._alive("pcscd", self.pcscd) and self.pcscd_log().count("daemon ready") == self._starts + 1)
        self._starts += 1

    _starts = 0

    def kill_pcscd(self, sig=signal.SIGKILL):
        self.pcscd.send_signal(sig)
        self.pcscd.wait()

    def pcscd_log(self):
        return (self.logs / "pcscd").read_text(errors="replace")

    def _alive(self, name, process):
        if process.poll() is not None:
            raise Failed(f"{name} ended with {process.returncode}:\n{(self.logs / name).read_text()[-2000:]}")
        return True

    def start_cards(self):
        with self._log("softcard") as log:
            self.cards = subprocess.Popen(self.inside([*self.program, "--vpcd", f"127.0.0.1:{PORT}"]), stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log)
        wait_until("softcard", lambda: self._alive("softcard", self.cards) and self._listens())

    def _listens(self):
        with socket.socket(socket.AF_UNIX) as s:
            return s.connect_ex(str(self.control)) == 0

    def stop(self):
        """Ends everything; Failed when the cards' program did not end well. Once: later calls do nothing."""
        if self.stopped:
            return
        self.stopped = True
        for process in (self.cards, self.pcscd):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        if self.space is not None:
            self.space.stdin.close()
            self.space.wait()
            self.space.stdout.close()
        said = (self.logs / "softcard").read_text(errors="replace") if (self.logs / "softcard").exists() else ""
        if self.temporary:
            shutil.rmtree(self.dir, ignore_errors=True)
        if self.cards is not None and self.cards.returncode != 0:
            raise Failed(f"softcard ended with {self.cards.returncode}:\n{said[-2000:]}")

    # --- what clients need ---

    def env(self, base=None):
        """The environment of a PC/SC client of these readers."""
        return {**(os.environ if base is None else base), "PCSCLITE_CSOCK_NAME": str(self.socket)}

    @staticmethod
    def reader_name(reader):
        return f"Soft Reader {reader // SLOTS} 00 {reader % SLOTS:02}"

    @property
    def people_root(self):
        """Whose certificates the cards carry, DER."""
        return self.state / "people.der"

    @property
    def attestation_root(self):
        """The root of the F9 certificates, DER."""
        return self.state / "attestation.der"

    # --- cards ---

    def __call__(self, *words):
        """One command of tests/softcard/README.md; what follows "ok"."""
        answer = self.ask(*words)
        if not answer.startswith("ok"):
            raise Failed(f"softcard {' '.join(str(w) for w in words)}: {answer}")
        return answer[2:].strip()

    card = __call__  # a command about a card; Keys has others beside

    def ask(self, *words):
        """The same; the whole answer, "error ..." too."""
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(self.control))
            s.sendall((" ".join(str(w) for w in words) + "\n").encode())
            return s.makefile().readline().strip()

    def status(self, name):
        """{"in": True, "light": "idle", "reader": 0, "powered": True, "pin": "3/3", "signatures": 0, ...}"""
        words = self.card("status", name).split()
        told = dict(zip(words[2::2], words[3::2]))
        return {"in": words[0] == "in", "light": words[1], "powered": told.pop("powered") == "yes",
                **{k: int(v) if v.isdigit() else v for k, v in told.items()}}

    def insert(self, name, reader=0):
        """Puts the card in; returns once the reader has seen it."""
        self("insert", name, reader)
        self.seen(name)

    def seen(self, name):
        wait_until(f"the reader sees {name}", lambda: self.status(name)["powered"])

    def remove(self, name):
        """Takes the card out; returns once the reader has noticed."""
        before = self.pcscd_log().count("Card Removed From")
        self("remove", name)
        wait_until(f"the reader misses {name}", lambda: self.pcscd_log().count("Card Removed From") > before)

    def swap(self, name, other):
        """Out with one and in with the other, at once; returns once the reader has seen the other."""
        self("swap", name, other)
        self.seen(other)

    def wait_light(self, name, light):
        wait_until(f"{name} is {light}", lambda: self.status(name)["light"] == light)

    def touch(self, name):
        """Waits until the card blinks, then touches it."""
        self.wait_light(name, "blinking")
        self("touch", name)


class Keys(Cards):
    """Security keys that are both: FIDO2 at a mocked hidraw and a PIV card in a reader, as real ones are. What tests/softkey/README.md
    says, and `card(...)` for what tests/softcard/README.md says about a key's card. A key's card takes the first free reader."""

    def __init__(self, build, directory=None, readers=2):
        self.softkey = pathlib.Path(build).resolve() / "tests" / "softkey" / "softkey"
        super().__init__(build, directory, readers)

    def start_cards(self):
        self.program = [self.softkey, "--state", self.state, "--control", self.control]
        super().start_cards()
        wait_until("softkey", lambda: self._alive("softcard", self.cards) and "ready\n" in (self.logs / "softcard").read_text())

    def env(self, base=None):
        told = re.findall(r"^(UMOCKDEV_DIR|LD_PRELOAD)=(.*)$", (self.logs / "softcard").read_text(), re.M)
        return {**super().env(base), **dict(told)}

    def card(self, *words):
        return self("card", *words)

    def insert(self, name, port=""):
        """Puts the key in; returns its hidraw node once the reader has seen its card."""
        node = self("insert", name, port).split()[0]
        self.seen(name)
        return node

    def touch(self, name):
        """Waits until the key's card blinks, then touches the key."""
        self.wait_light(name, "blinking")
        self("touch", name)

    def swap(self, name, other):
        self.remove(name)
        self.insert(other)


def certificates_of(pem_text):
    """The PEM certificates in a text."""
    return re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", pem_text, re.S)
