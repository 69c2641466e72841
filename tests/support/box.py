# SPDX-License-Identifier: Apache-2.0
"""A whole appliance on one machine, for the demo and the system tests: directories, certificates, soft keys under a mocked hidraw,
and the shipped programs, unchanged. Everything lives below one directory and ends with `stop`."""
import contextlib
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import time

AAGUID = "c50f7ce1730e4b6b9c5d521a8e0d6411"  # of every soft key


class Failed(Exception):
    """Something that should work did not; the text says what, for a person."""


def run(argv, **options):
    """Runs to the end; returns its standard output. Failed with what it printed when it does not exit 0."""
    r = subprocess.run([str(a) for a in argv], capture_output=True, text=True, **options)
    if r.returncode != 0:
        raise Failed(f"{pathlib.Path(argv[0]).name} {' '.join(str(a) for a in argv[1:4])} … exited {r.returncode}:\n{r.stdout}{r.stderr}")
    return r.stdout


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Box:
    def __init__(self, build, directory):
        self.build = pathlib.Path(build).resolve()
        self.bin = self.build / "bin"
        self.softkey_programs = self.build / "tests" / "softkey"
        self.dir = pathlib.Path(directory).resolve()
        self.state, self.run_dir = self.dir / "state", self.dir / "run"
        self.keys, self.tls, self.logs = self.dir / "keys", self.dir / "tls", self.dir / "logs"
        self.started = []
        self.port = None
        for d in (self.run_dir, self.keys, self.tls, self.logs):
            d.mkdir(parents=True, exist_ok=True)

    # --- processes ---

    def spawn(self, name, argv, ready=None, timeout=30, env=None):
        """Starts a program; waits until `ready()` is true. Its output goes to logs/NAME."""
        log = open(self.logs / name, "ab")
        process = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                   env=env)
        log.close()
        self.started.append((name, process))
        end = time.monotonic() + timeout
        while ready is not None and not ready():
            if process.poll() is not None:
                raise Failed(f"{name} ended with {process.returncode} before it was ready:\n{(self.logs / name).read_text()[-2000:]}")
            if time.monotonic() > end:
                raise Failed(f"{name} was not ready after {timeout} s:\n{(self.logs / name).read_text()[-2000:]}")
            time.sleep(0.02)
        return process

    def end(self, name, sig=signal.SIGTERM):
        for entry in [e for e in self.started if e[0] == name]:
            self.started.remove(entry)
            process = entry[1]
            if process.poll() is None:
                os.killpg(process.pid, sig)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            return process.returncode
        return None

    def stop(self):
        for name, _ in reversed(list(self.started)):
            self.end(name)

    # --- soft keys ---

    @property
    def token_socket(self):
        return self.run_dir / "token.sock"

    def start_tokens(self, env=None):
        """The token agent, in a test bed that shows soft keys as /dev/hidrawN; `env` as cards.Cards gives it, for soft cards, too."""
        self.control = self.run_dir / "softkey.sock"
        self.spawn("countersign-token",
                   [self.softkey_programs / "softkey", "--state", self.keys, "--control", self.control, "--",
                    self.bin / "countersign-token", "--socket", self.token_socket],
                   ready=lambda: self.control.exists() and self.token_socket.exists(), env=env)

    def key(self, *words):
        """One command to the soft keys: key("insert", "olga")."""
        return run([self.softkey_programs / "softkeyctl", self.control, *words]).strip()

    # --- certificates ---

    def make_tls(self):
        """A CA of our own and a P-256 certificate for localhost."""
        ca, key, cert = self.tls / "ca.pem", self.tls / "server.key", self.tls / "server.pem"
        if cert.exists():
            return
        ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
        run(["openssl", "req", "-x509", *ec, "-keyout", self.tls / "ca.key", "-out", ca, "-subj", "/CN=demo CA",
             "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"])
        run(["openssl", "req", "-x509", *ec, "-CA", ca, "-CAkey", self.tls / "ca.key", "-keyout", key, "-out", cert,
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-addext", "basicConstraints=critical,CA:FALSE"])

    # --- the appliance ---

    def init(self, officers, policy, origin="approval.example/log1", rp_id="approval.example", client="ci", changes=None):
        """countersign init; keeps the client's bearer token in DIR/CLIENT.token."""
        self.audit_token_file, auditor = self.dir / "auditor.token", secrets.token_urlsafe(32)
        self.audit_token_file.touch(mode=0o600)
        self.audit_token_file.write_text(auditor + "\n")
        more = json.loads(pathlib.Path(changes).read_text()) if changes is not None else []
        more.append({"op": "put_client", "client": {"id": "auditor", "scopes": ["audit", "read"], "tls": [],
                                                    "tokens": [hashlib.sha256(auditor.encode()).hexdigest()]}})
        changes = self.dir / "changes.json"
        changes.write_text(json.dumps(more))
        argv = [self.bin / "countersign", "init", "--state", self.state, "--origin", origin, "--rp-id", rp_id, "--policy", policy,
                "--model", f"soft-key:{AAGUID}:{self.keys / 'root.der'}", "--client", client, "--changes", changes]
        for officer in officers:
            argv += ["--officer", officer]
        for line in run(argv).splitlines():
            words = line.split()
            if words[:2] == ["token", client]:
                self.token_file = self.dir / f"{client}.token"
                self.token_file.touch(mode=0o600)
                self.token_file.write_text(words[2] + "\n")

    def start_core(self):
        self.spawn("countersignd", [self.bin / "countersignd", "--state", self.state, "--run", self.run_dir],
                   ready=lambda: (self.run_dir / "kiosk.sock").exists())

    def start_http(self, *more):
        self.make_tls()
        self.port = self.port or free_port()
        self.url = f"https://localhost:{self.port}"
        self.spawn("countersign-http",
                   [self.bin / "countersign-http", "--core", self.run_dir / "http.sock", "--cert", self.tls / "server.pem",
                    "--key", self.tls / "server.key", "--address", "127.0.0.1", "--port", self.port, "--public-url", self.url, *more],
                   ready=self._listening)

    def _listening(self):
        with contextlib.closing(socket.socket()) as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def kiosk_argv(self):
        return [str(self.bin / "countersign-kiosk"), "--terminal", "--core", str(self.run_dir / "kiosk.sock"),
                "--token", str(self.token_socket), "--kiosk-id", "kiosk-1"]

    def cli(self, *words, ok=(0,), auditor=False, **options):
        """The pipeline client against this box, or the auditor's; returns (exit status, stdout, stderr)."""
        token = self.audit_token_file if auditor else self.token_file
        argv = [str(self.bin / "countersign"), str(words[0]), "--server", self.url, "--ca", str(self.tls / "ca.pem"),
                "--token-file", str(token), *[str(w) for w in words[1:]]]
        r = subprocess.run(argv, capture_output=True, text=True, **options)
        if r.returncode not in ok:
            raise Failed(f"countersign {words[0]} exited {r.returncode}:\n{r.stdout}{r.stderr}")
        return r.returncode, r.stdout, r.stderr

    def submit(self, *words):
        """A request; its id as the server gave it."""
        _, out, _ = self.cli("submit", "--json", *words)
        return json.loads(out)

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)
