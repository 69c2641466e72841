#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the appliance adds to a token: from the touch to the receipt on the screen, against the token's own time and against the disk; and
the memory of the token agent and of the kiosk. The whole appliance runs, with a soft key and a soft PIV card. Goals S1 to S6 of
docs/performance.md.

The token's own time is what it says itself (tests/softkey/README.md, tests/softcard/README.md: `times`): of a key from the touch to the
last report of its answer, of a card from the command that uses the key to the end of its answer. "Shown" is when the terminal has the
receipt, and nothing is shown before it is durable. "The disk" is what one durable entry needs of it, done here without the core and
next to each decision: the log's flush, and a head file that is written, flushed, renamed, and its directory flushed."""
import argparse
import contextlib
import os
import pathlib
import socket
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/system")]
import box as boxes  # noqa: E402
import cards as softcards  # noqa: E402
import people  # noqa: E402
import test_token as agent  # noqa: E402

OFFICERS = ["olga", "omar", "odette"]
KEY, CARD = "tom", "carl"
REAL_MS = 150  # real tokens take 100 to 300
WARM, GROWTH_KIB = 500, 128  # signatures before the first look; what the allocator may do by itself after it
KEPT_KIB = 64  # of a decision in the kiosk: the state of the log, and the judge's cache of 64 requests, which is filling
SHARE_P50, SHARE_P99 = 1.5, 2.0  # touch to receipt / the key's own time
DISK_P50 = 1.5  # what we add / the disk


def ask(path, *words):
    """One command of a soft token's control socket; the numbers of its answer by name."""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
        s.sendall((" ".join(str(w) for w in words) + "\n").encode())
        answer = s.makefile().readline().split()
    if answer[:1] != ["ok"]:
        raise boxes.Failed(f"{words}: {' '.join(answer)}")
    return {name: int(n) for name, n in zip(answer[1::2], answer[2::2]) if n.isdigit()}


class Disk:
    """What one durable entry asks of the disk that holds `directory`."""

    def __init__(self, directory):
        self.dir = pathlib.Path(directory)
        self.log = os.open(self.dir / "log", os.O_RDWR | os.O_CREAT)
        os.pwrite(self.log, bytes(1 << 20), 0)
        os.fsync(self.log)
        self.at = 0

    def entry_ms(self):
        begun = time.monotonic_ns()
        os.pwrite(self.log, os.urandom(2 * 8216), self.at)
        self.at = (self.at + 2 * 8216) % (1 << 19)
        os.fdatasync(self.log)
        head = os.open(self.dir / "head.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.write(head, bytes(189))
        os.fsync(head)
        os.close(head)
        os.rename(self.dir / "head.new", self.dir / "head")
        where = os.open(self.dir, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(where)
        os.close(where)
        return (time.monotonic_ns() - begun) / 1e6

    def close(self):
        os.close(self.log)


class Kiosk(people.CardKiosk):
    """People at the kiosk, with a clock; one of them holds a card."""

    def __init__(self, box, cards):
        super().__init__(box, cards, {CARD: False})
        self.awaited, self.shown_us = None, 0

    def take(self, data):
        now_us = time.monotonic_ns() // 1000
        super().take(data)
        if self.awaited is not None and self.awaited in self.screen.text():
            self.awaited, self.shown_us = None, now_us

    def to_pin(self, name, title):
        """From the list to the PIN, every page read."""
        self.remove()
        self.open_request(title)
        self.read_all()
        self.send("a")
        self.wait_for("Insert your key", timeout=15)
        self.insert(name)
        self.wait_for("Your reason", timeout=15)
        self.send("enter")
        self.wait_for(people.ASKED, timeout=15)
        self.look()
        self.send(text=people.PIN)
        self.pump(0.3)  # the screen shows the last digit

    def receipt(self):
        self.wait_for("and recorded", timeout=30)
        return self.shown_us


def measure_key(kiosk, title):
    """(from the touch to the receipt, the key's own part of it), in ms."""
    kiosk.to_pin(KEY, title)
    kiosk.send("enter")
    kiosk.wait_for("Touch your key now", timeout=15)
    while "blinking" not in kiosk.box.key("status", KEY):
        kiosk.pump(0.05)
    kiosk.pump(0.3)
    kiosk.awaited = "and recorded"
    ask(kiosk.box.control, "touch", KEY)
    shown = kiosk.receipt()
    times = ask(kiosk.box.control, "times", KEY)
    kiosk.leave()
    return (shown - times["touched"]) / 1000, (times["answered"] - times["touched"]) / 1000


def measure_card(kiosk, title):
    """(from Enter after the PIN to the receipt, the card's own part, from Enter until the card was asked to sign), in ms."""
    kiosk.to_pin(CARD, title)
    kiosk.awaited = "and recorded"
    begun = time.monotonic_ns() // 1000
    os.write(kiosk.master, b"\r")
    shown = kiosk.receipt()
    times = ask(kiosk.cards.control, "times", CARD)
    kiosk.leave()
    return (shown - begun) / 1000, (times["answered"] - times["asked"]) / 1000, (times["asked"] - begun) / 1000


class Appliance:
    def __init__(self, build, directory):
        self.cards = softcards.Cards(build, directory / "pcsc")
        self.box = boxes.Box(build, directory / "box")
        (directory / "disk").mkdir()
        self.disk = Disk(directory / "disk")
        self.kiosk = None
        self.count = 0

    def start(self):
        c, box = self.cards, self.box
        c("issue", CARD, "9c", "p256", "pin=always", "touch=never")
        c("pin", CARD, people.PIN)
        box.start_tokens(env=c.env())
        changes = box.dir / "people.json"
        changes.write_text(agent.canonical([
            {"op": "put_issuer", "issuer": {"attestation_roots": [agent.b64(c.attestation_root.read_bytes())], "id": "soft",
                                            "name": "Soft cards", "roots": [agent.b64(c.people_root.read_bytes())]}},
            *({"op": "put_person", "person": {"accounts": [], "id": n, "roles": ["business", "tech"]}} for n in (CARD, KEY))]).decode())
        box.init(OFFICERS, ROOT / "docs/examples/policy-two-people.json", changes=changes)
        box.start_core()
        self.kiosk = Kiosk(box, c)
        self.kiosk.ceremony([*OFFICERS, CARD, KEY], ["olga", "omar"])
        box.start_http("--writes-per-minute", "100000")

    def submit(self):
        """One that one person decides."""
        self.count += 1
        title = f"Measured {self.count}"
        self._ask(title)
        return title

    def _ask(self, title):
        return str(self.box.submit("--from-git", "--repo", ROOT, "--artifact", f"countersignd={self.box.bin / 'countersignd'}", "--environment",
                                   "staging", "--service", "bench", "--title", title, "--initiator", "ci:bench", "--doc",
                                   "backout_plan=The one before.", "--doc", "affected_systems=None.", "--doc", "customer_impact=None.")["id"])

    def decide(self, measure, count):
        """Its measures, one list of each, and last the disk's time."""
        return list(zip(*((*measure(self.kiosk, self.submit()), self.disk.entry_ms()) for _ in range(count))))

    def pid(self, name):
        process = next(p for n, p in self.box.started if n == name)
        return children(process.pid)[0] if name == "countersign-token" else process.pid

    def stop(self):
        if self.kiosk is not None:
            self.kiosk.close()
        self.box.stop()
        self.cards.stop()
        self.disk.close()


def children(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def memory_kib(*pids):
    """(resident, private) of these processes together; what two of them share is counted once in neither's private part."""
    rss = private = 0
    for pid in pids:
        rows = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
        rss += int(rows["Rss"].split()[0])
        private += sum(int(rows[name].split()[0]) for name in ("Private_Clean", "Private_Dirty"))
    return rss, private


def quantile(values, part):
    """The value that this part of them does not exceed; no value between two is made up."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def told(goal, what, good, text):
    print(f"{goal:<4} {what:<64} {text}  {'' if good is None else 'met' if good else 'MISSED'}", flush=True)
    return good is not False


def p50_p99(values, digits=1):
    return f"p50 {statistics.median(values):.{digits}f}, p99 {quantile(values, 0.99):.{digits}f}"


def report_key(what, total, own, disk, goals=("", "")):
    """The lines about keys; False if a bound is missed."""
    share = [t / o for t, o in zip(total, own)]
    told("", f"{what}: touch to receipt, ms", None, p50_p99(total))
    told("", f"{what}: the key's own time of it, ms", None, p50_p99(own))
    bound = goals[0] != ""
    good = told(goals[0], f"{what}: receipt / own time" + (f" (p50 <= {SHARE_P50}, p99 <= {SHARE_P99})" if bound else ""),
                statistics.median(share) <= SHARE_P50 and quantile(share, 0.99) <= SHARE_P99 if bound else None, p50_p99(share, 2))
    return report_added(goals[1], what, [t - o for t, o in zip(total, own)], disk) and good


def report_added(goal, what, added, disk):
    told("", f"{what}: from its answer to the receipt, ms", None, p50_p99(added))
    told("", f"{what}: the disk's part of that, ms", None, p50_p99(disk))
    ratio = statistics.median(added) / statistics.median(disk)
    return told(goal, f"{what}: what we add / the disk, medians" + (f" (<= {DISK_P50})" if goal else ""), ratio <= DISK_P50 if goal else None,
                f"{ratio:.2f}")


def report_card(goal, what, total, own, before, disk):
    """The lines about cards; False if a bound is missed."""
    told("", f"{what}: Enter to receipt, ms", None, p50_p99(total))
    told("", f"{what}: Enter until it is asked to sign, ms", None, p50_p99(before))
    told("", f"{what}: its own time, ms", None, p50_p99(own))
    return report_added(goal, what, [t - o - b for t, o, b in zip(total, own, before)], disk)


class Signer:
    """The kiosk's place at the agent, to have many signatures made."""

    def __init__(self, a):
        self.a = a
        self.agent = agent.Kiosk(str(a.box.token_socket))
        self.pid = a.pid("countersign-token")

    def device(self, kind):
        """The number of the token of this kind, once it is in."""
        while not any(d["kind"] == kind for d in self.agent.devices):
            self.agent.next(60)
        return next(d["device"] for d in self.agent.devices if d["kind"] == kind)

    def enrolled(self, device):
        return agent.unb64(self.done(self.agent.enrol_send(device=device, pin=people.PIN))["credential"])

    def done(self, op):
        event = self.agent.next(60)
        while event["event"] != "done" or event["op"] != op:
            event = self.agent.next(60)
        if event["code"] != "ok":
            raise boxes.Failed(f"the agent says {event}")
        return event

    def sign(self, device, credential, count):
        for n in range(count):
            self.done(self.agent.sign_send([credential], device=device, pin=people.PIN, challenge=b"%d" % n))

    def memory(self):
        """Of the agent and of the process that watches the readers."""
        return memory_kib(self.pid, *children(self.pid))

    def close(self):
        self.agent.close()


def growth(signer, device, count, what, goal):
    """Whether `count` signatures leave memory and descriptors where they were."""
    credential = signer.enrolled(device)
    descriptors = lambda: len(os.listdir(f"/proc/{signer.pid}/fd"))  # noqa: E731
    signer.sign(device, credential, min(WARM, count // 4))
    before, fds, begun = signer.memory(), descriptors(), time.monotonic()
    done = min(WARM, count // 4)
    for mark in (count // 4, count // 2, count):
        signer.sign(device, credential, mark - done)
        done = mark
        now = signer.memory()
        told("", f"agent after {mark} signatures by {what}, KiB", None, f"resident {now[0]}, private {now[1]}")
    grown = now[1] - before[1]
    rate = count / (time.monotonic() - begun)
    return told(goal, f"agent: private KiB more after {count} signatures by {what} (<= {GROWTH_KIB})", grown <= GROWTH_KIB and descriptors() == fds,
                f"{grown:+d} ({rate:.0f}/s, {descriptors() - fds:+d} descriptors)")


def memory_lines(a):
    """With one key and one card in, both used. The kiosk's private memory."""
    box = a.box
    box.key("insert", KEY)
    a.cards.insert(CARD)
    a.kiosk.wait_for("Keys and cards in", timeout=20)
    pid = a.pid("countersign-token")
    softcards.wait_until("the agent has asked the new ones", lambda: len(children(pid)) == 1)
    rows = (("countersign-token", [pid]), ("its watcher of readers", children(pid)), ("countersign-kiosk", [a.kiosk.process.pid]))
    for what, pids in rows:
        rss, private = memory_kib(*pids)
        told("", f"{what} after {a.count} decisions, KiB", None, f"resident {rss}, private {private}")
    box.key("remove", KEY)
    a.cards.remove(CARD)
    a.kiosk.wait_for("Keys and cards in", gone=True, timeout=20)
    return memory_kib(a.kiosk.process.pid)[1]


def decisions(a, count):
    """S1 to S4."""
    few = min(10, count)
    report_key("key that signs at once", *a.decide(measure_key, few))
    a.decide(measure_card, 1)
    first, first_count = memory_lines(a), a.count
    a.box.key("fault", KEY, "delay-ms", str(REAL_MS))
    good = report_key(f"key that takes {REAL_MS} ms", *a.decide(measure_key, count), goals=("S1", "S2"))
    a.box.key("fault", KEY, "none")
    a.cards("fault", CARD, "delay", "87", "*", REAL_MS)
    good &= report_card("S3", f"card that takes {REAL_MS} ms", *a.decide(measure_card, count))
    a.cards("fault", CARD, "none")
    each = (memory_lines(a) - first) / (a.count - first_count)
    return told("S4", f"kiosk: private KiB more with each decision (<= {KEPT_KIB})", each <= KEPT_KIB, f"{each:.1f}") and good


def signatures(a, keys, cards):
    """S5 and S6, in the agent that has made those decisions."""
    a.kiosk.close()
    a.kiosk = None
    signer = Signer(a)
    a.box.key("insert", "many")
    a.box.key("pin", "many", people.PIN)
    a.box.key("touch-auto", "many", "on")
    good = growth(signer, signer.device("fido2"), keys, "a key", "S5")
    a.cards("issue", "much", "9c", "p256", "pin=always")
    a.cards("pin", "much", people.PIN)
    a.cards.insert("much")
    good &= growth(signer, signer.device("piv"), cards, "a card", "S6")
    signer.close()
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--decisions", type=int, default=20, help="of each kind of token")
    parser.add_argument("--signatures", type=int, default=10000, help="by a key, in one agent process")
    parser.add_argument("--card-signatures", type=int, default=1000)
    options = parser.parse_args()
    build = pathlib.Path(options.build).resolve()
    with tempfile.TemporaryDirectory(prefix="sign-", dir=build) as directory, contextlib.ExitStack() as stack:
        a = Appliance(build, pathlib.Path(directory))
        stack.callback(a.stop)
        a.start()
        good = decisions(a, options.decisions)
        good &= signatures(a, options.signatures, options.card_signatures)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
