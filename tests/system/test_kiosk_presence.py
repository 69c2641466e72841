#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The emergency switch of the real kiosk, over the real core: the input device is one of umockdev's, which answers the evdev ioctls that
the kiosk asks and whose events this test writes (requirement D4, docs/adr/0056-presence-switch.md)."""
import copy
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tests/system")]
import box as boxes  # noqa: E402
import people  # noqa: E402
import presence  # noqa: E402
import test_kiosk as kiosks  # noqa: E402
import visits  # noqa: E402

check = kiosks.check
SW_DOCK, KEY_COFFEE = 5, 152  # any switch, any key
OFF = "The emergency switch is off. Nothing was signed."
NONE = "This kiosk has no emergency switch, and the policy asks for one."
HOTFIX = "Hotfix"
WHY = "Nobody can approve anything since 14:05."


class Box(boxes.Box):
    """Its kiosk has `switch`, if there is one."""

    switch = None

    def kiosk_argv(self):
        return super().kiosk_argv() if self.switch is None else self.switch.argv(super().kiosk_argv())


class Bench(kiosks.Bench):
    def __init__(self, build, directory):
        super().__init__(build, directory)
        self.box = Box(build, directory)
        self.switches = 0

    def plug(self, **options):
        """A device from which the next kiosk reads its switch."""
        if self.box.switch is not None:
            self.box.switch.gone()
        self.switches += 1
        self.box.switch = presence.Switch(self.box.dir / f"switch-{self.switches}", **options)

    def restart(self, **options):
        """Another kiosk, with another device."""
        if self.kiosk is not None:
            self.kiosk.remove()
            self.kiosk.close()
        self.plug(**options)
        self.kiosk = people.Kiosk(self.box)

    def barred(self, words):
        """No emergency can even be asked for."""
        self.kiosk.insert("tom")
        self.kiosk.wait_for("Your key is in")
        self.kiosk.send("b")
        self.kiosk.wait_for(words)
        check("What kind of emergency" not in self.kiosk.screen.text(), "the question came all the same")

    def asks(self):
        """An emergency can be asked for; it is not."""
        k = self.kiosk
        k.wait_for("waits? for a decision", timeout=30)
        k.insert("tom")
        k.wait_for("Your key is in")
        k.send("b")
        k.wait_for("What kind of emergency")
        k.send("esc")
        self.back_to_list()

    def signing(self, name, port):
        """From the pages, read, until the key blinks."""
        k = self.kiosk
        k.send("a")
        if k.inserted != name:
            k.wait_for("Insert your key")
            k.insert(name, port)
        k.wait_for("Your reason", timeout=15)
        k.send("enter")
        k.wait_for(people.ASKED, timeout=15)
        k.look()
        k.send(text=people.PIN)
        k.send("enter")
        k.wait_for("Touch your key now", timeout=15)

    def stop(self):
        super().stop()
        if self.box.switch is not None:
            self.box.switch.gone()


# ---- the tests, in the order in which a box is used


def off(b):
    """It stands off when the kiosk starts: no emergency can be asked for."""
    b.kiosk.ceremony(kiosks.OFFICERS + sorted(kiosks.APPROVERS), ["olga", "omar"])
    b.begun()
    b.front.request(HOTFIX)
    b.kiosk.wait_for("1 request waits for a decision")
    b.barred(OFF)


def on(b):
    """Turned on, an emergency is asked for and signed; turned back while the second key blinks, its touch does not count; turned on again,
    it is granted. Both decisions say in their origin that it was on, and that is all that does."""
    k = b.kiosk
    b.box.switch.turn(True)
    k.emergency("tom", "outage", HOTFIX, "INC0098123", WHY)
    k.wait_for(r"\[x\] Emergency switch on")
    k.read_all()
    b.box.switch.turn(False)
    k.wait_for(r"\[!\] Emergency switch off")
    k.send("a")
    k.wait_for(OFF)
    b.box.switch.turn(True)
    k.wait_for(r"\[x\] Emergency switch on")
    k.sign("tom")
    k.remove()
    k.wait_for("Second person")
    k.read_all()
    b.signing("olga", "1-2")
    b.box.switch.turn(False)
    k.wait_for(OFF)
    try:
        b.box.key("touch", "olga")
    except boxes.Failed:
        pass  # it does not even ask any more
    b.box.switch.turn(True)
    k.wait_for(r"\[x\] Emergency switch on")
    k.sign("olga", port="1-2")
    k.wait_for("may deploy this once")
    k.leave()
    b.front.decisions(0)
    told = [e["origin"].get("switch") for e in b.front.entries if e["type"] == "decision"]
    check(told == ["on", "on"], f"the origins of the decisions say {told}")
    others = [e["type"] for e in b.front.entries if "switch" in e["origin"] and e["type"] != "decision"]
    check(others == [], f"these name the switch, too: {others}")
    check([e["type"] for e in b.front.entries].count("emergency") == 1, "nothing was granted")


def dropped(b):
    """Events that were lost count as off, until it is turned again."""
    b.back_to_list()
    b.front.request(HOTFIX + " again")
    b.kiosk.wait_for(HOTFIX + " again")
    b.box.switch.event(presence.EV_SYN, presence.SYN_DROPPED, 0)
    b.barred(OFF)
    b.box.switch.turn(True)
    b.back_to_list()
    b.asks()


def gone(b):
    """The device is pulled: there is no switch."""
    b.box.switch.gone()
    b.barred(NONE)


def asked_at_start(b):
    """A kiosk that starts with it on needs no event to know."""
    b.restart(has={presence.EV_SW: SW_DOCK}, on=[presence.EV_SW])
    b.asks()


def held_key(b):
    """A device without a switch: its key, while it is held. A device with both: the switch, whatever the key does."""
    b.restart(has={presence.EV_KEY: KEY_COFFEE}, on=[presence.EV_KEY])
    b.asks()
    b.box.switch.turn(False, presence.EV_KEY)
    b.barred(OFF)
    b.restart(has={presence.EV_SW: SW_DOCK, presence.EV_KEY: KEY_COFFEE}, on=[presence.EV_KEY])
    b.kiosk.wait_for("waits? for a decision", timeout=30)
    b.box.switch.turn(True, presence.EV_KEY)
    b.barred(OFF)


def neither(b):
    """A device that has neither is refused at the start."""
    b.restart(has={})
    end = time.monotonic() + 30
    while b.kiosk.process.poll() is None and time.monotonic() < end:
        b.kiosk.pump(0.1)
    b.kiosk.pump(0.2)
    status, b.kiosk = b.kiosk.close(), None
    check(status == 1, f"the kiosk ended with {status}")


def installed(_):
    """The drop-in starts the kiosk of the unit with nothing but the switch more, and opens nothing but that."""
    unit, more = (_settings(ROOT / "systemd" / name) for name in ("countersign-kiosk.service", "optional/countersign-kiosk-presence.conf"))
    node = "/dev/countersign-presence"
    check(more["ExecStart"] == ["", f"{unit['ExecStart'][0]} --presence-switch {node}"], f"it starts {more['ExecStart']}")
    check(more["DeviceAllow"] == [f"{node} r"], f"it allows {more['DeviceAllow']}")
    check(sorted(more) == ["After", "DeviceAllow", "ExecStart", "Wants"], f"it sets {sorted(more)}")
    rule = (ROOT / "udev/optional/71-countersign-presence.rules").read_text()
    check(f'SYMLINK+="{node.removeprefix("/dev/")}"' in rule, "the rule makes another name")


def _settings(path):
    """{name: [value, ...]} of a unit file."""
    found = {}
    for line in path.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


TESTS = [off, on, dropped, gone, asked_at_start, held_key, neither, installed]


def docked(b):
    kiosks.POLICY = copy.deepcopy(kiosks.POLICY)
    kiosks.POLICY["emergency"]["presence"]["switch"] = True
    b.plug(has={presence.EV_SW: SW_DOCK})


if __name__ == "__main__":
    sys.exit(visits.run(Bench, TESTS, begin=docked, back=None))
