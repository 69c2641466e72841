#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real countersign-token against soft keys under umockdev: what a kiosk sees when people do what people do.

D2: what signs is the approver's own key, with its PIN and a touch, and nothing counts that came too late."""
import argparse
import base64
import hashlib
import json
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

RP = "approval.example"
ORIGIN = "https://" + RP
PIN = "2468"
WAIT_S = 20.0  # for anything that comes at once; large, because the machine may be busy

args = None


class Failure(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failure(text)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def client_data(kind, challenge):
    return json.dumps({"type": kind, "challenge": b64(challenge), "origin": ORIGIN, "crossOrigin": False},
                      separators=(",", ":"))


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Rack:
    """Soft keys: tests/softkey/README.md."""

    def __init__(self, directory):
        control = os.path.join(directory, "softkey.sock")
        self.process = subprocess.Popen([args.softkey, "--state", os.path.join(directory, "keys"), "--control", control],
                                        stdout=subprocess.PIPE, text=True)
        self.env = dict(os.environ)
        for line in self.process.stdout:
            if line.strip() == "ready":
                break
            name, value = line.strip().split("=", 1)
            self.env[name] = value
        self.env["FIDO_DEBUG"] = "1"  # the agent must not listen to it
        self.root = os.path.join(directory, "keys", "root.der")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(control)
        self.file = self.socket.makefile("rw")

    def ask(self, line):
        self.file.write(line + "\n")
        self.file.flush()
        return self.file.readline().strip()

    def do(self, line):
        answer = self.ask(line)
        check(answer.startswith("ok"), f"softkey: {line}: {answer}")
        return answer.split()[1:]

    def status(self, name):
        words = self.do("status " + name)
        return {"in": words[0] == "in", "light": words[1],
                **{words[i]: words[i + 1] for i in range(3, len(words) - 1, 2)}}

    def until(self, name, light):
        deadline = time.monotonic() + WAIT_S
        while self.status(name)["light"] != light:
            check(time.monotonic() < deadline, f"{name} never got {light}")
            time.sleep(0.005)

    def tool(self, *words):
        done = subprocess.run([args.tool, *words], env=self.tool_env(), capture_output=True, text=True, timeout=30)
        check(done.returncode == 0, f"fido_tool {words}: {done.stderr}")
        return done.stdout.strip()

    def tool_env(self):
        env = dict(self.env)
        env.pop("FIDO_DEBUG")
        return env

    def new_key(self, name, port, pin=PIN):
        """A key with a PIN, in its port."""
        node = self.do(f"insert {name} {port}")[0]
        if pin is not None:
            self.tool(node, "pin", pin)
        return node

    def close(self):
        self.ask("quit")
        self.process.wait(10)


class Agent:
    def __init__(self, rack, directory, *more):
        self.path = os.path.join(directory, "token.sock")
        self.log = open(os.path.join(directory, "agent.log"), "a+")
        self.process = subprocess.Popen([args.agent, "--socket", self.path, *more], env=rack.env, stderr=self.log)
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                Kiosk(self.path, greet=False).close()
                break
            except OSError:
                check(self.process.poll() is None and time.monotonic() < deadline, "the agent did not start")
                time.sleep(0.01)

    def alive(self):
        return self.process.poll() is None

    def rss_kib(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def text(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(10)
        check(status == 0, f"the agent ended with {status}: {self.text()}")


class Kiosk:
    def __init__(self, path, greet=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.buffer = b""
        self.op = 0
        self.devices = None
        if greet:
            check(self.next()["event"] == "devices", "the first event is the list of keys")

    def raw(self, payload):
        self.socket.sendall(struct.pack(">I", len(payload)) + payload)

    def send(self, cmd, **members):
        self.op += 1
        self.raw(canonical({"cmd": cmd, "op": self.op, **members}))
        return self.op

    def closed(self):
        """True once the agent has ended the connection."""
        self.socket.settimeout(WAIT_S)
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True

    def next(self, wait_s=WAIT_S):
        deadline = time.monotonic() + wait_s
        while True:
            if len(self.buffer) >= 4:
                (n,) = struct.unpack(">I", self.buffer[:4])
                if len(self.buffer) >= 4 + n:
                    payload, self.buffer = self.buffer[4:4 + n], self.buffer[4 + n:]
                    event = json.loads(payload)
                    check(canonical(event) == payload, "an event is canonical JSON")
                    if event["event"] == "devices":
                        self.devices = event["devices"]
                    return event
            left = deadline - time.monotonic()
            check(left > 0 and select.select([self.socket], [], [], left)[0], "no event came")
            data = self.socket.recv(65536)
            check(data, "the agent closed the connection")
            self.buffer += data

    def quiet(self, wait_s):
        check(not self.buffer and not select.select([self.socket], [], [], wait_s)[0], "an event came that should not")

    def until(self, event, op=None):
        """The next such event; those before it must be of the device list."""
        while True:
            got = self.next()
            if got["event"] == event and (op is None or got["op"] == op):
                return got
            check(got["event"] == "devices", f"{got} came while {event} {op} was awaited")

    def wait_devices(self, count):
        while self.devices is None or len(self.devices) != count:
            self.next()
        return self.devices

    def settle(self, count):
        """Asks until that many keys are in."""
        deadline = time.monotonic() + WAIT_S
        while True:
            op = self.send("list")
            self.until("done", op)
            if len(self.devices) == count:
                return
            check(time.monotonic() < deadline, f"never {count} keys")
            time.sleep(0.01)

    # --- commands

    def enrol_send(self, exclude=(), pin=PIN, timeout_ms=30000, device=0):
        return self.send("enrol", client_data=client_data("webauthn.create", b"enrol"), device=device,
                         exclude=[b64(i) for i in exclude], message=b64(b"enrol"), pin=pin, rp_id=RP, timeout_ms=timeout_ms, user_id=b64(b"u1"), user_name="olga")

    def sign_send(self, ids, pin=PIN, timeout_ms=30000, challenge=b"sign", device=0):
        return self.send("sign", client_data=client_data("webauthn.get", challenge), credentials=[b64(i) for i in ids],
                         device=device, message=b64(challenge), pin=pin, rp_id=RP, timeout_ms=timeout_ms)

    def select_send(self, timeout_ms=30000):
        return self.send("select", timeout_ms=timeout_ms)

    def identify_send(self, ids, device=0):
        return self.send("identify", credentials=[b64(i) for i in ids], device=device, rp_id=RP)

    def identify(self, ids, device=0):
        return self.until("done", self.identify_send(ids, device))

    def touched(self, rack, name, op):
        """Touches when asked to; the result."""
        self.until("touch", op)
        rack.until(name, "blinking")
        rack.do("touch " + name)
        return self.until("done", op)

    def enrol(self, rack, name, **more):
        done = self.touched(rack, name, self.enrol_send(**more))
        check(done["code"] == "ok", f"enrol: {done}")
        return done

    def sign(self, rack, name, ids, **more):
        return self.touched(rack, name, self.sign_send(ids, **more))

    def close(self):
        self.socket.close()


class World:
    """One bed, one agent, one kiosk, for a scenario of its own."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="token-")
        self.rack = Rack(self.directory)
        self.agent = Agent(self.rack, self.directory)
        self.kiosk = Kiosk(self.agent.path)

    def key(self, name="k1", port="1-1", pin=PIN):
        count = len(self.kiosk.devices or [])
        node = self.rack.new_key(name, port, pin)
        self.kiosk.wait_devices(count + 1)
        return node

    def enrolled(self, name="k1", port="1-1"):
        """A key with one credential; the credential's id."""
        self.key(name, port)
        done = self.kiosk.enrol(self.rack, name)
        self.spki = unb64(done["key"])
        return unb64(done["credential"])

    def close(self):
        self.kiosk.close()
        self.agent.close()
        self.rack.close()
        shutil.rmtree(self.directory)


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, timeout=30)


def pem(kind, der):
    text = base64.b64encode(der).decode()
    lines = "\n".join(text[i:i + 64] for i in range(0, len(text), 64))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n".encode()


def verifies(world, key_pem, message, sig):
    paths = [os.path.join(world.directory, n) for n in ("v.pem", "v.msg", "v.sig")]
    for path, data in zip(paths, (key_pem, message, sig)):
        with open(path, "wb") as f:
            f.write(data)
    return openssl("dgst", "-sha256", "-verify", paths[0], "-signature", paths[2], paths[1]).returncode == 0


# --- scenarios: each has a world of its own -----------------------------------------------------------------------

def enrol_and_sign(w):
    w.key(port="1-2")
    e = w.kiosk.enrol(w.rack, "k1")
    cred, auth = unb64(e["credential"]), unb64(e["attestation"]["auth_data"])
    check(e["port"] == "1-2" and re.fullmatch("[0-9a-f]{32}", e["aaguid"]), "port and aaguid")
    check(auth[:32] == hashlib.sha256(RP.encode()).digest() and auth[32] & 0x45 == 0x45, "rp hash, UP, UV, AT")
    check(auth[37:53].hex() == e["aaguid"] and cred in auth and unb64(e["key"])[27:59] in auth, "raw authenticator data")
    check(b"credProtect\x02" in auth, "credProtect 2")
    chain = [unb64(c) for c in e["attestation"]["x5c"]]
    check(len(chain) >= 1, "certificates are kept")
    leaf_key = openssl("x509", "-inform", "DER", "-pubkey", "-noout", data=chain[0]).stdout
    made = client_data("webauthn.create", b"enrol").encode()
    check(verifies(w, leaf_key, auth + hashlib.sha256(made).digest(), unb64(e["attestation"]["sig"])), "attestation")
    with open(os.path.join(w.directory, "root.pem"), "wb") as f:
        with open(w.rack.root, "rb") as root:
            f.write(pem("CERTIFICATE", root.read()))
    with open(os.path.join(w.directory, "chain.pem"), "wb") as f:
        for c in chain:
            f.write(pem("CERTIFICATE", c))
    with open(os.path.join(w.directory, "leaf.pem"), "wb") as f:
        f.write(pem("CERTIFICATE", chain[0]))
    path = openssl("verify", "-CAfile", os.path.join(w.directory, "root.pem"), "-untrusted",
                   os.path.join(w.directory, "chain.pem"), os.path.join(w.directory, "leaf.pem"))
    check(path.returncode == 0, "the chain leads to the maker's root: " + path.stderr.decode())
    counters = []
    for n in range(3):
        s = w.kiosk.sign(w.rack, "k1", [os.urandom(64), cred], challenge=b"c%d" % n)
        check(s["code"] == "ok" and s["port"] == "1-2" and unb64(s["credential"]) == cred, f"sign: {s}")
        got = client_data("webauthn.get", b"c%d" % n).encode()
        auth = unb64(s["auth_data"])
        check(len(auth) == 37 and auth[32] & 5 == 5, "UP and UV")
        check(struct.unpack(">I", auth[33:37])[0] == s["counter"], "counter")
        check(verifies(w, pem("PUBLIC KEY", unb64(e["key"])), auth + hashlib.sha256(got).digest(), unb64(s["sig"])),
              "signature")
        counters.append(s["counter"])
    check(counters[0] < counters[1] < counters[2], "the counter grows")


def identify(w):
    cred = w.enrolled()
    others = [os.urandom(64) for _ in range(100)]
    done = w.kiosk.identify(others[:50] + [cred] + others[50:])
    check(done["code"] == "ok" and unb64(done["credential"]) == cred, f"found among 101: {done}")
    check(done["device"] == w.kiosk.devices[0]["device"], "on that key")
    check(w.kiosk.identify(others)["code"] == "wrong_key", "not known")
    check(w.rack.status("k1")["light"] == "idle", "silent")


def cred_protect_3(w):
    node = w.key()
    w.rack.do("touch-auto k1 on")
    hidden = bytes.fromhex(w.rack.tool(node, "enrol", RP, PIN, "3"))
    shown = bytes.fromhex(w.rack.tool(node, "enrol", RP, PIN, "2"))
    check(w.kiosk.identify([shown])["code"] == "ok", "credProtect 2 is found without a PIN")
    check(w.kiosk.identify([hidden])["code"] == "wrong_key", "credProtect 3 is not: this is why we enrol with 2")


def wrong_pin(w):
    cred = w.enrolled()
    for left in (7, 6):
        done = w.kiosk.until("done", w.kiosk.sign_send([cred], pin="0000"))
        check(done == {"code": "pin_wrong", "event": "done", "op": w.kiosk.op, "tries": left}, f"{done}")
    done = w.kiosk.until("done", w.kiosk.sign_send([cred], pin="0000"))
    check(done["code"] == "pin_auth_blocked" and done["tries"] == 5, f"third: {done}")
    done = w.kiosk.until("done", w.kiosk.sign_send([cred]))
    check(done["code"] == "pin_auth_blocked" and done["tries"] == 5, f"right PIN, but not re-plugged: {done}")
    w.rack.do("power k1")
    w.kiosk.settle(1)
    check(w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "re-plugged")
    check(w.rack.status("k1")["retries"] == "8", "a right PIN gives the tries back")


def pin_blocked(w):
    cred = w.enrolled()
    codes = []
    for n in range(8):
        done = w.kiosk.until("done", w.kiosk.sign_send([cred], pin="0000"))
        codes.append(done["code"])
        if done["code"] == "pin_auth_blocked":
            w.rack.do("power k1")
            w.kiosk.settle(1)
    check(codes == ["pin_wrong", "pin_wrong", "pin_auth_blocked"] * 2 + ["pin_wrong", "pin_blocked"], f"{codes}")
    check(done["tries"] == 0, "none left")
    w.rack.do("power k1")
    w.kiosk.settle(1)
    done = w.kiosk.until("done", w.kiosk.sign_send([cred]))
    check(done["code"] == "pin_blocked" and done["tries"] == 0, "for good")
    check(w.kiosk.identify([cred])["code"] == "ok", "still known")


def pin_not_set(w):
    w.key(pin=None)
    check(w.kiosk.until("done", w.kiosk.enrol_send())["code"] == "pin_not_set", "no PIN on the key")


def pin_unusable(w):
    cred = w.enrolled()
    for pin in ("123", "x" * 64, "12\n34"):
        check(w.kiosk.until("done", w.kiosk.sign_send([cred], pin=pin))["code"] == "bad_request", f"{pin!r}")
    check(w.rack.status("k1")["retries"] == "8", "no try was used")


def odd_pins(w):
    for n, pin in enumerate(('q"\\x', "päßwörd", "x" * 63)):
        name = f"o{n}"
        w.key(name, "1-1", pin)
        e = w.kiosk.enrol(w.rack, name, pin=pin)
        check(w.kiosk.sign(w.rack, name, [unb64(e["credential"])], pin=pin)["code"] == "ok", pin)
        w.rack.do("remove " + name)
        w.kiosk.wait_devices(0)


def no_token(w):
    check(w.kiosk.devices == [], "none at first")
    check(w.kiosk.identify([b"x"])["code"] == "no_token", "identify")
    check(w.kiosk.until("done", w.kiosk.sign_send([b"x"]))["code"] == "no_token", "sign")


def hotplug(w):
    w.key("k1", "1-1.4")
    (d,) = w.kiosk.devices
    check(d["port"] == "1-1.4" and d["product"] and d["vendor"], f"{d}")
    w.rack.do("remove k1")
    w.kiosk.wait_devices(0)
    w.rack.do("insert k1 1-2")
    (e,) = w.kiosk.wait_devices(1)
    check(e["device"] > d["device"] and e["port"] == "1-2", "another insertion is another device")
    w.rack.do("power k1")
    deadline = time.monotonic() + WAIT_S
    while w.kiosk.devices == [] or w.kiosk.devices[0]["device"] == e["device"]:
        check(time.monotonic() < deadline, "also when it comes back at once")
        w.kiosk.next()
    between = w.kiosk.devices
    w.agent.process.send_signal(signal.SIGSTOP)
    w.rack.do("power k1")  # out and in again, before the agent looks
    w.agent.process.send_signal(signal.SIGCONT)
    while w.kiosk.devices == [] or w.kiosk.devices == between:
        check(time.monotonic() < deadline, "also when the agent sleeps through it")
        w.kiosk.next()
    late = w.kiosk.devices
    w.kiosk.close()
    w.kiosk = Kiosk(w.agent.path)
    check(w.kiosk.devices == late, "a new kiosk is told")


def several(w):
    cred = w.enrolled()
    w.key("k2", "1-2")
    check(w.kiosk.identify([cred])["code"] == "several", "identify")
    check(w.kiosk.until("done", w.kiosk.sign_send([cred]))["code"] == "several", "sign")
    check(w.kiosk.until("done", w.kiosk.enrol_send())["code"] == "several", "enrol")
    check(w.rack.status("k1")["light"] == "idle" and w.rack.status("k2")["light"] == "idle", "none was asked")
    check(all(d["kind"] == "fido2" for d in w.kiosk.devices), "they say what they are")
    first, second = (d["device"] for d in w.kiosk.devices)
    done = w.kiosk.identify([cred], device=first)
    check(done["code"] == "ok" and done["device"] == first and done["kind"] == "fido2", f"the one that was named: {done}")
    check(w.kiosk.identify([cred], device=second)["code"] == "wrong_key", "and the other one")
    done = w.kiosk.sign(w.rack, "k1", [cred], device=first)
    check(done["code"] == "ok" and done["device"] == first, f"it signs beside the other: {done}")
    check(w.kiosk.until("done", w.kiosk.sign_send([cred], device=second))["code"] == "wrong_key", "the other does not")
    check(w.rack.status("k2")["light"] == "idle", "it was not asked for a touch")
    check(w.kiosk.identify([cred], device=second + 1)["code"] == "removed", "a number that is not in")
    w.rack.do("remove k2")
    w.kiosk.wait_devices(1)
    check(w.kiosk.identify([cred], device=second)["code"] == "removed", "a number that was in")
    check(w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "one is fine")


def two_keys(w):
    """Both in, k1 with a credential; its id and the two device numbers."""
    cred = w.enrolled()
    w.key("k2", "1-2")
    return cred, *(d["device"] for d in w.kiosk.devices)


def select_blinking(w, timeout_ms=30000):
    op = w.kiosk.select_send(timeout_ms)
    w.kiosk.until("touch", op)
    for d in w.kiosk.devices:
        w.rack.until({"1-1": "k1", "1-2": "k2"}[d["port"]], "blinking")
    return op


def select_by_touch(w):
    cred, first, second = two_keys(w)
    for name, device, other in (("k2", second, "k1"), ("k1", first, "k2"), ("k1", first, "k2")):
        op = select_blinking(w)
        w.rack.do("touch " + name)
        done = w.kiosk.until("done", op)
        check(done == {"code": "ok", "device": device, "event": "done", "kind": "fido2", "op": op}, f"{name}: {done}")
        w.rack.until(other, "idle")
        check(w.kiosk.identify([cred], device=first)["code"] == "ok", "no late answer is read")
        check(w.kiosk.identify([cred], device=second)["code"] == "wrong_key", "of neither")
    check(w.kiosk.sign(w.rack, "k1", [cred], device=first)["code"] == "ok", "and the one that was touched signs")


def select_race(w):
    """Two touches at once: one is named, the other counts for nothing."""
    cred, first, second = two_keys(w)
    for n in range(8):
        op = select_blinking(w)
        names = ("k1", "k2") if n % 2 else ("k2", "k1")
        w.agent.process.send_signal(signal.SIGSTOP)  # both answers are there before one is read
        for name in names:
            w.rack.do("touch " + name)
        w.agent.process.send_signal(signal.SIGCONT)
        done = w.kiosk.until("done", op)
        check(done["code"] == "ok" and done["device"] in (first, second), f"{done}")
        w.kiosk.quiet(0.05)
        w.rack.until("k1", "idle")
        w.rack.until("k2", "idle")
        check(w.kiosk.identify([cred], device=first)["code"] == "ok", "the other touch is no answer to anything")
    check(w.kiosk.sign(w.rack, "k1", [cred], device=first)["code"] == "ok", "still there")


def select_pulled_out(w):
    cred, first, second = two_keys(w)
    op = select_blinking(w)
    w.rack.do("remove k2")
    w.kiosk.wait_devices(1)
    w.rack.do("touch k1")
    check(w.kiosk.until("done", op)["device"] == first, "the one that stayed")
    w.rack.do("insert k2 1-2")
    w.kiosk.wait_devices(2)
    op = select_blinking(w)
    w.rack.do("remove k1")
    w.kiosk.wait_devices(1)
    w.rack.do("remove k2")
    check(w.kiosk.until("done", op)["code"] == "removed", "none stayed")
    check(w.kiosk.until("done", w.kiosk.select_send())["code"] == "no_token", "none is in")
    w.rack.do("insert k1 1-1")
    w.kiosk.wait_devices(1)
    op = select_blinking(w)
    w.rack.do("touch k1")
    check(w.kiosk.until("done", op)["code"] == "ok", "one alone can be touched too")


def select_ends(w):
    """By cancel, by time, and with keys that cannot be asked."""
    cred, first, second = two_keys(w)
    op = select_blinking(w)
    w.kiosk.until("done", w.kiosk.send("cancel"))
    check(w.kiosk.until("done", op)["code"] == "cancelled", "cancelled")
    op = select_blinking(w, timeout_ms=700)
    begin = time.monotonic()
    check(w.kiosk.until("done", op)["code"] == "timeout", "nobody touches")
    check(time.monotonic() - begin < 5, "in time")
    w.rack.until("k1", "idle")
    w.rack.until("k2", "idle")
    w.rack.do("fault k2 mute")
    op = w.kiosk.select_send()
    w.kiosk.until("touch", op)
    w.rack.do("touch k1")
    check(w.kiosk.until("done", op)["device"] == first, "a mute key keeps nobody waiting")
    w.rack.do("fault k2 none")
    op = w.kiosk.select_send()
    w.kiosk.until("touch", op)
    other = w.kiosk.identify_send([cred], device=first)
    check(w.kiosk.until("done", other)["code"] == "busy", "an operation like any other")
    w.kiosk.close()
    w.rack.until("k1", "idle")
    w.rack.until("k2", "idle")
    w.kiosk = Kiosk(w.agent.path)
    check(w.kiosk.sign(w.rack, "k1", [cred], device=first)["code"] == "ok", "the next kiosk is served")


def second_key_while_blinking(w):
    cred = w.enrolled()
    op = w.kiosk.sign_send([cred])
    w.kiosk.until("touch", op)
    w.rack.do("insert k2 1-2")
    w.kiosk.wait_devices(2)
    w.rack.do("touch k1")
    check(w.kiosk.until("done", op)["code"] == "ok", "it goes on with the key it began with")


def wrong_key(w):
    cred = w.enrolled()
    w.rack.do("remove k1")
    w.kiosk.wait_devices(0)
    w.key("k2", "1-1")
    done = w.kiosk.until("done", w.kiosk.sign_send([cred], pin="0000"))
    check(done["code"] == "wrong_key", f"{done}")
    check(w.rack.status("k2")["retries"] == "8", "no PIN was tried on it")


def excluded(w):
    cred = w.enrolled()
    others = [os.urandom(64) for _ in range(40)]
    done = w.kiosk.until("done", w.kiosk.enrol_send(exclude=others + [cred]))
    check(done["code"] == "excluded", f"{done}")
    check(w.kiosk.enrol(w.rack, "k1", exclude=others)["code"] == "ok", "others do not matter")


def removed_while_blinking(w):
    cred = w.enrolled()
    for again in range(3):
        op = w.kiosk.sign_send([cred])
        w.kiosk.until("touch", op)
        w.rack.do("remove k1")
        check(w.kiosk.until("done", op)["code"] == "removed", "removed")
        w.kiosk.settle(0)
        w.rack.do("insert k1")
        w.kiosk.settle(1)
    check(w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "and back")


def replugged_while_blinking(w):
    cred = w.enrolled()
    op = w.kiosk.sign_send([cred])
    w.kiosk.until("touch", op)
    w.rack.do("power k1")
    check(w.kiosk.until("done", op)["code"] == "removed", "out and in at once is removed")
    w.kiosk.settle(1)
    check(w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "and back")


def cancel_then_sign(w):
    cred = w.enrolled()
    for again in range(5):
        op = w.kiosk.sign_send([cred], challenge=b"old")
        w.kiosk.until("touch", op)
        stop = w.kiosk.send("cancel")
        new = w.kiosk.sign_send([cred], challenge=b"new")  # without waiting for anything
        check(w.kiosk.until("done", stop)["code"] == "ok", "cancel is answered")
        check(w.kiosk.until("done", op)["code"] == "cancelled", "the old one ends")
        check(w.kiosk.touched(w.rack, "k1", new)["code"] == "ok", "the new one is served")
    stop = w.kiosk.send("cancel")
    check(w.kiosk.until("done", stop)["code"] == "ok", "cancel of nothing")
    check(w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "does not hit what comes later")


def late_answer(w):
    cred = w.enrolled()
    key = pem("PUBLIC KEY", w.spki)
    w.rack.do("fault k1 late")
    op = w.kiosk.sign_send([cred], challenge=b"old")
    w.kiosk.until("touch", op)
    stop = w.kiosk.send("cancel")
    w.kiosk.until("done", stop)
    check(w.kiosk.until("done", op)["code"] == "cancelled", "cancelled, though the key ignores it")
    w.rack.ask("touch k1")  # too late: the key answers the old request now
    w.rack.do("fault k1 none")
    s = w.kiosk.sign(w.rack, "k1", [cred], challenge=b"new")
    check(s["code"] == "ok", f"{s}")
    got = client_data("webauthn.get", b"new").encode()
    check(verifies(w, key, unb64(s["auth_data"]) + hashlib.sha256(got).digest(), unb64(s["sig"])), "the new challenge")
    w.kiosk.quiet(0.2)


def cancel_before_touch(w):
    cred = w.enrolled()
    w.rack.do("fault k1 delay-ms 1500")
    begin = time.monotonic()
    op = w.kiosk.identify_send([cred])
    time.sleep(0.2)
    stop = w.kiosk.send("cancel")
    w.kiosk.until("done", stop)
    check(w.kiosk.until("done", op)["code"] == "cancelled", "a look-up can be cancelled too")
    check(time.monotonic() - begin < 1.4, "at once")


def busy(w):
    cred = w.enrolled()
    op = w.kiosk.sign_send([cred])
    w.kiosk.until("touch", op)
    second = w.kiosk.sign_send([cred], pin="0000")
    check(w.kiosk.until("done", second)["code"] == "busy", "one at a time")
    listed = w.kiosk.send("list")
    check(w.kiosk.until("done", listed)["code"] == "ok", "list is no operation")
    w.rack.do("touch k1")
    check(w.kiosk.until("done", op)["code"] == "ok", "the first is unharmed")
    check(w.rack.status("k1")["retries"] == "8", "the second PIN went nowhere")


def timeout(w):
    cred = w.enrolled()
    begin = time.monotonic()
    op = w.kiosk.sign_send([cred], timeout_ms=1500)
    w.kiosk.until("touch", op)
    check(w.kiosk.until("done", op)["code"] == "timeout", "nobody touches")
    check(1.4 < time.monotonic() - begin < 8, "when it should")
    check(w.rack.status("k1")["light"] == "idle", "the key was told to stop")
    check(w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "at once again")


def mute(w):
    cred = w.enrolled()
    w.rack.do("fault k1 mute")
    begin = time.monotonic()
    op = w.kiosk.sign_send([cred])
    check(w.kiosk.until("done", op)["code"] == "failed", "a key that says nothing")
    check(4 < time.monotonic() - begin < 12, "is not waited for as long as a person")
    op = w.kiosk.sign_send([cred])
    time.sleep(0.1)
    w.kiosk.send("cancel")
    w.kiosk.until("done", w.kiosk.op)
    check(w.kiosk.until("done", op)["code"] == "cancelled", "and can be cancelled")
    w.rack.do("fault k1 none")
    check(w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "later it speaks again")


def endless(w):
    """A key that says for ever that it is at work: whatever it was asked, the operation ends when it should, and can be cancelled."""
    cred = w.enrolled()
    for fault in ("endless", "flood"):
        for blinking in (False, True):
            if not blinking:
                w.rack.do("fault k1 " + fault)  # from the silent question on
            begin = time.monotonic()
            op = w.kiosk.sign_send([cred], timeout_ms=2000)
            if blinking:
                w.kiosk.until("touch", op)
                w.rack.do("fault k1 " + fault)
            check(w.kiosk.until("done", op)["code"] == "timeout", f"{fault}, blinking {blinking}: nothing came of it")
            check(1.9 < time.monotonic() - begin < 10, f"{fault}, blinking {blinking}: {time.monotonic() - begin}")
            w.rack.do("fault k1 none")
            w.rack.do("power k1")
            w.kiosk.settle(1)
        op = w.kiosk.sign_send([cred])
        w.kiosk.until("touch", op)
        w.rack.do("fault k1 " + fault)
        w.kiosk.send("cancel")
        w.kiosk.until("done", w.kiosk.op)
        check(w.kiosk.until("done", op)["code"] == "cancelled", f"{fault}: a person is heard all the while")
        w.rack.do("fault k1 none")
        w.rack.do("power k1")
        w.kiosk.settle(1)
    check(w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "later it works again")


def select_beside_endless(w):
    """One of two floods the agent: the touch of the other counts, and so do time and cancel."""
    cred, first, second = two_keys(w)
    for fault in ("endless", "flood"):
        for end in ("touch", "timeout", "cancelled"):
            begin = time.monotonic()
            op = select_blinking(w, timeout_ms=2000 if end == "timeout" else 30000)
            w.rack.do("fault k2 " + fault)
            if end == "touch":
                w.rack.do("touch k1")
                check(w.kiosk.until("done", op)["device"] == first, f"{fault}: the other's touch")
            else:
                if end == "cancelled":
                    w.kiosk.until("done", w.kiosk.send("cancel"))
                check(w.kiosk.until("done", op)["code"] == end, f"{fault}: {end}")
            check(time.monotonic() - begin < 10, f"{fault}, {end}: {time.monotonic() - begin}")
            w.rack.do("fault k2 none")
            w.rack.do("power k2")
            w.kiosk.settle(2)
            w.rack.until("k1", "idle")
    check(w.kiosk.sign(w.rack, "k1", [cred], device=first)["code"] == "ok", "still there")


def nonsense(w):
    cred = w.enrolled()
    w.rack.do("touch-auto k1 on")
    for fault in ("garbage", "truncate", "other-id", "no-uv", "no-up", "trailing"):
        w.rack.do("fault k1 none")
        w.rack.do("fault k1 " + fault)
        op = w.kiosk.sign_send([cred])
        event = w.kiosk.next()
        done = event if event["event"] == "done" else w.kiosk.until("done", op)
        if fault == "trailing":  # the agent hands on what the key gave; who records it refuses it
            check(done["code"] == "ok" and len(unb64(done["auth_data"])) == 38, f"{fault}: {done}")
        else:
            check(done["code"] == "failed", f"{fault}: {done}")
    w.rack.do("fault k1 none")
    w.rack.do("touch-auto k1 off")
    check(w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "still there")


def no_attestation(w):
    w.key()
    for fault in ("self-attest", "none-attest"):
        w.rack.do("fault k1 none")
        w.rack.do("fault k1 " + fault)
        done = w.kiosk.touched(w.rack, "k1", w.kiosk.enrol_send())
        check(done["code"] == "no_attestation", f"{fault}: {done}")
    w.rack.do("fault k1 none")
    w.rack.do("fault k1 no-cred-protect")
    check(w.kiosk.enrol(w.rack, "k1")["code"] == "ok", "a key without credProtect will do")


def held_by_another(w):
    cred = w.enrolled()
    node = w.rack.status("k1")["node"] if "node" in w.rack.status("k1") else "/dev/hidraw0"
    other = subprocess.Popen([args.tool, node, "hold"], env=w.rack.tool_env(), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    check(other.stdout.readline().strip() == "held", "held")
    begin = time.monotonic()
    check(w.kiosk.identify([cred])["code"] == "busy", "another process has it")
    check(time.monotonic() - begin < 3, "said at once")
    other.stdin.close()
    other.wait(10)
    check(w.kiosk.identify([cred])["code"] == "ok", "free again")


def kiosk_leaves(w):
    cred = w.enrolled()
    op = w.kiosk.sign_send([cred])
    w.kiosk.until("touch", op)
    w.kiosk.close()
    w.rack.until("k1", "idle")  # the key stops blinking although nobody touched it
    w.kiosk = Kiosk(w.agent.path)
    check(w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "the next kiosk is served")


def one_kiosk(w):
    second = Kiosk(w.agent.path, greet=False)
    check(second.closed(), "a second kiosk is turned away")
    second.close()
    check(w.kiosk.until("done", w.kiosk.send("list"))["code"] == "ok", "the first stays")


def malformed(w):
    cred = w.enrolled()
    ok = {"cmd": "list", "op": 1}
    bad = [b"{}", b"[]", b"\xff", b"{\"cmd\":\"list\"}", b"{\"op\":1,\"cmd\":\"list\"}", b"{\"cmd\":\"reset\",\"op\":1}",
           canonical({**ok, "x": 1}), canonical(ok) + b" ", canonical({"cmd": "sign", "op": 1}),
           canonical({"cmd": "identify", "credentials": ["="], "device": 0, "op": 1, "rp_id": RP}),
           canonical({"cmd": "identify", "credentials": [], "device": 0, "op": 1, "rp_id": RP})]
    for payload in bad:
        w.kiosk.raw(payload)
        check(w.kiosk.closed(), f"{payload!r} ends the connection")
        w.kiosk.close()
        w.kiosk = Kiosk(w.agent.path)
    for raw in (struct.pack(">I", 0), struct.pack(">I", 262145), struct.pack(">I", 0xffffffff)):
        w.kiosk.socket.sendall(raw)
        check(w.kiosk.closed(), f"{raw!r} ends the connection")
        w.kiosk.close()
        w.kiosk = Kiosk(w.agent.path)
    w.kiosk.op = 5
    w.kiosk.until("done", w.kiosk.send("list"))
    w.kiosk.op -= 1
    w.kiosk.send("list")
    check(w.kiosk.closed(), "op must grow")
    w.kiosk.close()
    w.kiosk = Kiosk(w.agent.path)
    op = w.kiosk.sign_send([cred])
    w.kiosk.until("touch", op)
    w.kiosk.raw(b"{}")
    check(w.kiosk.closed(), "in the middle of an operation too")
    w.kiosk.close()
    w.rack.until("k1", "idle")
    w.kiosk = Kiosk(w.agent.path)
    check(w.agent.alive() and w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "the agent is unharmed")


def pieces(w):
    """A frame that arrives byte by byte, and two in one piece."""
    cred = w.enrolled()
    w.kiosk.op += 1
    payload = canonical({"cmd": "identify", "credentials": [b64(cred)], "device": 0, "op": w.kiosk.op, "rp_id": RP})
    for byte in struct.pack(">I", len(payload)) + payload:
        w.kiosk.socket.sendall(bytes([byte]))
    check(w.kiosk.until("done", w.kiosk.op)["code"] == "ok", "byte by byte")
    frames = b""
    for _ in range(3):
        w.kiosk.op += 1
        payload = canonical({"cmd": "identify", "credentials": [b64(cred)], "device": 0, "op": w.kiosk.op, "rp_id": RP})
        frames += struct.pack(">I", len(payload)) + payload
    w.kiosk.socket.sendall(frames)
    done = [w.kiosk.until("done") for _ in range(3)]
    check(sorted(d["op"] for d in done) == [w.kiosk.op - 2, w.kiosk.op - 1, w.kiosk.op], "each is answered once")
    codes = {d["op"]: d["code"] for d in done}
    check(codes[w.kiosk.op - 2] == "ok" and set(codes.values()) <= {"ok", "busy"}, f"the first runs: {codes}")


def largest(w):
    """As many ids as one command takes."""
    cred = w.enrolled()
    begin = time.monotonic()
    done = w.kiosk.identify([os.urandom(64) for _ in range(511)] + [cred])
    check(done["code"] == "ok", f"the last of 512: {done}")
    return f"{(time.monotonic() - begin) * 1000:.0f} ms for 512 ids"


def protocols(w):
    cred = w.enrolled()
    for which in ("1", "2"):
        w.rack.do("protocol k1 " + which)
        check(w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "PIN protocol " + which)


def says_nothing_secret(w):
    cred = w.enrolled()
    w.kiosk.sign(w.rack, "k1", [cred])
    w.kiosk.until("done", w.kiosk.sign_send([cred], pin="secret-pin"))
    text = w.agent.text()
    check(all(re.match(r"<\d>(kiosk|sanitizer|this kernel|$)", line) for line in text.splitlines()),
          "no frames are logged, whatever FIDO_DEBUG says: " + text)
    check(PIN not in text and "secret-pin" not in text, "no PIN is logged")
    if args.sanitized == "1":
        return  # a sanitizer's memory is too large to be read, and not the one that ships
    check(not memory_has(w.agent.process.pid, b"secret-pin"), "the PIN is in no memory of the agent")


def memory_has(pid, needle):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as mem:
        for line in maps:
            span, mode = line.split()[:2]
            if not mode.startswith("rw"):
                continue
            begin, end = (int(x, 16) for x in span.split("-"))
            try:
                mem.seek(begin)
                if needle in mem.read(end - begin):
                    return True
            except OSError:
                pass
    return False


def hundreds(w):
    """Memory and descriptors stay where they are."""
    cred = w.enrolled()
    w.rack.do("touch-auto k1 on")

    def some(n):
        for i in range(n):
            op = w.kiosk.sign_send([cred])
            event = w.kiosk.next()
            while event["event"] != "done":
                event = w.kiosk.next()
            check(event["code"] == "ok" and event["op"] == op, f"{event}")

    some(50)
    rss, fds, begin = w.agent.rss_kib(), w.agent.descriptors(), time.monotonic()
    count = args.count or (50 if args.sanitized == "1" else 150)
    some(count)
    spent = time.monotonic() - begin
    check(w.agent.descriptors() == fds, "descriptors")
    grown = w.agent.rss_kib() - rss
    check(args.sanitized == "1" or grown <= 128, f"{grown} KiB more after {count} signatures")
    return f"{count} signatures in {spent:.1f} s, rss {rss} KiB {grown:+d}"


def ends_on_signal(w):
    cred = w.enrolled()
    op = w.kiosk.sign_send([cred])
    w.kiosk.until("touch", op)
    w.agent.close()  # also checks the status
    w.rack.until("k1", "idle")
    w.agent = Agent(w.rack, w.directory)
    w.kiosk.close()
    w.kiosk = Kiosk(w.agent.path)
    check(w.kiosk.sign(w.rack, "k1", [cred])["code"] == "ok", "a new agent takes over, the old socket is no obstacle")


SCENARIOS = [enrol_and_sign, identify, cred_protect_3, wrong_pin, pin_blocked, pin_not_set, pin_unusable, odd_pins,
             no_token, hotplug, several, select_by_touch, select_race, select_pulled_out, select_ends,
             second_key_while_blinking, wrong_key, excluded, removed_while_blinking,
             replugged_while_blinking, cancel_then_sign, late_answer, cancel_before_touch, busy, timeout, mute, endless,
             select_beside_endless, nonsense,
             no_attestation, held_by_another, kiosk_leaves, one_kiosk, malformed, pieces, largest, protocols,
             says_nothing_secret, hundreds, ends_on_signal]


def run(scenario):
    begin = time.monotonic()
    w = World()
    try:
        note = scenario(w)
        check(w.agent.alive(), f"the agent died: {w.agent.text()}")
        w.close()
    except Exception as problem:  # whatever it is, the next scenario gets a clean start
        where = traceback.extract_tb(problem.__traceback__)
        print(f"FAILED {scenario.__name__}: {problem!r}\n" + "".join(traceback.format_list(where)) + w.agent.text(),
              flush=True)
        w.agent.process.kill()
        w.rack.process.kill()
        return False
    print(f"ok {scenario.__name__} {time.monotonic() - begin:.2f} s {note or ''}", flush=True)
    return True


def main():
    global args
    parser = argparse.ArgumentParser()
    parser.add_argument("--agent", required=True)
    parser.add_argument("--softkey", required=True)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--sanitized", default="0")
    parser.add_argument("--count", type=int, default=0)  # of hundreds; docs/performance.md says what 10000 gave
    parser.add_argument("only", nargs="*")
    args = parser.parse_args()
    chosen = [s for s in SCENARIOS if not args.only or s.__name__ in args.only]
    failed = [s.__name__ for s in chosen if not run(s)]
    print(f"{len(chosen) - len(failed)} of {len(chosen)} passed" + (": failed " + " ".join(failed) if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
