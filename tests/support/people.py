# SPDX-License-Identifier: Apache-2.0
"""People at the kiosk: they read the screen, press keys, insert and touch their security keys, as the screen asks."""
import re
import time

import terminal

PIN = "246810"
ASKED = r"Enter your (card's )?PIN"
PAGE_S = 1.6  # a page counts as read after 1.5 s on the screen


class Kiosk(terminal.Terminal):
    def __init__(self, box, argv=None, **options):
        super().__init__(argv or box.kiosk_argv(), **options)
        self.box = box
        self.inserted = None

    # --- keys ---

    def insert(self, name, port="1-1"):
        if self.inserted == name:
            return
        self.remove()
        self.box.key("insert", name, port)
        self.box.key("pin", name, PIN)
        self.inserted = name

    def remove(self):
        if self.inserted is not None:
            self.box.key("remove", self.inserted)
            self.inserted = None

    def touch(self):
        """Waits until the key blinks, then touches it."""
        self.wait_for("Touch your key now", timeout=15)
        end = time.monotonic() + 15
        while "blinking" not in self.box.key("status", self.inserted):
            self.pump(0.05)
            if time.monotonic() > end:
                raise AssertionError(f"the key of {self.inserted} never asked for a touch:\n{self.screen.text()}")
        self.box.key("touch", self.inserted)

    # --- reading ---

    def page(self):
        """(page, pages) as the screen says, or None."""
        m = re.search(r"[Pp]age (\d+) of (\d+)", self.screen.text())
        return (int(m.group(1)), int(m.group(2))) if m else None

    def read_all(self):
        """Stays on every page long enough and ends on the last; returns the text of all pages."""
        self.pump(0.2)
        seen = []
        while True:
            self.hold(PAGE_S)
            seen.append(self.screen.text())
            at = self.page()
            if at is None or at[0] >= at[1]:
                return "\n".join(seen)
            self.send("n")
            self.wait_for(rf"[Pp]age {at[0] + 1} of {at[1]}")

    def open_request(self, title):
        """From the list to the first page of the request of this title."""
        self.wait_for(re.escape(title))
        lines = self.screen.lines()
        at = next(i for i, line in enumerate(lines) if title in line)
        numbers = (re.match(r"^│[ *]{1,2}(\d) ", line) for line in reversed(lines[: at + 1]))
        self.send(next(m for m in numbers if m).group(1))
        self.wait_for("Who must sign", "people, here, now")  # the second: of an emergency

    # --- the ways through ---

    def pin_and_touch(self):
        self.wait_for(ASKED, timeout=15)
        self.look()
        self.send(text=PIN)
        self.send("enter")
        self.touch()

    def look(self):
        """At every page that will be signed, long enough."""
        ready, more = r"\[Enter\] Use this PIN", r"\[Enter\] Next page"
        while self.wait_for(ready, more, timeout=15) == more:
            self.hold(PAGE_S)
            at = self.page()
            if re.search(more, self.screen.text()) and at is not None and at[0] < at[1]:
                self.send("pgdn")
                self.wait_for(rf"[Pp]age {at[0] + 1} of {at[1]}")

    def hold(self, seconds):
        """Leaves the screen as it is for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump(0.1)

    def ceremony(self, officers, signers):
        """The genesis: every officer enrols a key, then `signers` sign."""
        self.wait_for("Genesis ceremony", timeout=30)
        shown = self.read_all()
        self.send("a")
        for name in officers:
            self.wait_for(rf"key of {name}\b", timeout=15)
            self._use(name)
        for name in signers:
            self.wait_for("Any officer who has not", timeout=15)
            self._use(name)
        self.wait_for("Receipt|Or press a number", timeout=20)
        self.leave()
        return shown

    def _present(self, name):
        """Inserts the key; where the kiosk cannot know whose it is, Enter says that it is the right one."""
        self.insert(name)
        if self.wait_for("A key or card is in", ASKED, timeout=15) == "A key or card is in":
            self.send("enter")

    def _use(self, name):
        self._present(name)
        self.pin_and_touch()
        self.declare()
        self.wait_for("Take the (key|card) out", "Take your key with you", timeout=20)
        self.remove()

    def declare(self, touch="No"):
        """Of a card that cannot say all of itself: that it asks for its PIN always, and this about its touch."""
        asked = "ask for its PIN at every signature"
        if self.wait_for(asked, "Take the (key|card) out", "Nothing is in force yet", "Take your key with you", "proves nobody", timeout=30) != asked:
            return False
        self.send("1")
        self.wait_for("ask to be touched")
        self.choose(rf"\d +{touch}\b")
        return True

    def enrol(self, people, reason, signers=()):
        """people: {name: roles}. Proposes them as one roster change, each with a key; then the signers sign it in the same visit, one after
        the other. Returns what they read."""
        self.remove()
        self.send("e")
        self.wait_for("Nothing is in force yet")
        for name, roles in people.items():
            self.add_person(name, roles)
            self.declare()
            self.wait_for("Nothing is in force yet", "Take the (key|card) out", timeout=20)
            self.remove()
            self.wait_for("Nothing is in force yet", timeout=20)
        return self.propose(reason, signers)

    def propose(self, reason, signers=()):
        """The changes so far, and their signatures; returns what the signers read."""
        self.send("3")
        self.wait_for("Why this change")
        self.send(text=reason)
        self.send("enter")
        self.wait_for("Whoever must sign", timeout=20)
        shown = []
        for name in signers:
            shown.append(self.read_all())
            self.sign(name)
            self.remove()
        self.pump(0.3)
        if "Who must sign" in self.screen.text():
            self.send("esc")
        self.wait_for("wait for a decision|waits for a decision|Nothing waits", timeout=20)
        return "\n".join(shown)

    def add_person(self, name, roles, token=None):
        """From the changes to propose: who it is, and the key or card as far as the kiosk asks for it. Whoever is on the roster already
        keeps their roles; `token` is the name of another one than their first."""
        self.send("1")
        self.wait_for("Who is it")
        self.send(text=name)
        self.send("tab")
        self._roles(roles)
        self.send("enter")
        self.wait_for(rf"key of {name}\b", timeout=15)
        self._present(token or name)
        self.pin_and_touch()

    def switch_off(self, name, reason, signers=()):
        """A lost key or card: from the list of those that count to the signatures; returns what the signers read."""
        self.remove()
        self.send("e")
        self.wait_for("Nothing is in force yet")
        self.send("2")
        self.wait_for("Which key is switched off")
        while not re.search(rf"\d +{name}\b", self.screen.text()):
            self.wait_for(r"\[PgDn n\] More")
            self.send("n")
            self.pump(0.3)
        self.choose(rf"\d +{name}\b")
        self.wait_for("Nothing is in force yet", timeout=20)
        return self.propose(reason, signers)

    def _roles(self, roles):
        """Switches on the roles by the numbers that stand before them."""
        self.pump(0.2)
        for role in roles:
            row = next(line for line in self.screen.lines() if re.search(rf"\d \[.\] {role}\b|\[.\] \d {role}\b", line))
            self.send(re.search(r"\d", row).group(0))

    def decide(self, name, title, word="approve", reason="", leave=True):
        """Opens the request, reads all of it, decides with the key of `name`; returns what the pages said."""
        self.remove()
        self.open_request(title)
        shown = self.read_all()
        self.sign(name, word, reason)
        if leave:
            self.leave()
        return shown

    def choose(self, text):
        """The number of the line that says this."""
        self.wait_for(text)
        at = next(i for i, line in enumerate(self.screen.lines()) if re.search(text, line))
        rows = (re.match(r"^│[ *]{1,2}(\d) ", line) for line in reversed(self.screen.lines()[: at + 1]))
        self.send(next(m for m in rows if m).group(1))

    def answer(self, question, text):
        self.wait_for(question)
        self.send(text=text)
        self.send("enter")

    def emergency(self, name, kind, title, anchor, why, voucher=None, port="1-1"):
        """Asks for one, with the key of `name` in; ends on its first page. `voucher` is the number of one to use, where one fits; 0: none."""
        self.insert(name, port)
        self.wait_for("is in")
        self.send("b")
        self.wait_for("What kind of emergency")
        self.choose(rf"\d +{kind}")
        self.wait_for("Which deployment")
        self.choose(title)
        self.answer("Which (incident|CVE)|By which date", anchor)
        if voucher is not None:
            self.wait_for("Use a voucher")
            self.choose(f"Voucher {voucher}" if voucher else "No: everybody is here")
        self.answer("Why can it not wait", why)
        self.wait_for("Whoever must sign", timeout=20)

    def break_glass(self, first, second, kind, title, anchor, why):
        """Two people together, each with their own key in a port of its own; returns what they read."""
        self.emergency(first, kind, title, anchor, why)
        shown = self.read_all()
        self.sign(first)
        self.remove()
        self.wait_for("Second person")
        shown += self.read_all()
        self.sign(second, port="1-2")
        shown += self.screen.text()
        self.leave()
        return shown

    def voucher(self, name, kind, environment, why, again=False):
        """One that `name` gives, for as short as the policy offers; signed. Returns its number. `again`: there are others of theirs."""
        self.insert(name)
        self.wait_for("is in")
        self.send("v")
        if again:
            self.wait_for("Which voucher")
            self.choose("A new one")
        for question, option in (("For which kinds of emergency", kind), ("For which environments", environment)):
            self.wait_for(question)
            if f"[x] {option}" not in self.screen.text():
                self.choose(rf"\[ \] {option}")
                self.wait_for(rf"\[x\] {option}")
            self.send("enter")
        self.wait_for("How long does it hold")
        self.send("1")
        self.answer("Why do you give it", why)
        self.wait_for("Whoever must sign", timeout=20)
        number = int(re.search(r"Request (\d+), revision", self.screen.text()).group(1))
        self.read_all()
        self.sign(name)
        self.wait_for("can be used once")
        self.leave()
        return number

    def take_back(self, why):
        """What is open, whose asker is here."""
        self.wait_for("can take it back: w")
        self.send("w")
        self.wait_for("Take it back\\?")
        self.send(text=why)
        self.send("enter")
        self.wait_for("Taken back. Nothing can be signed or used from it", timeout=20)

    def review(self, name, service, answers, signers):
        """Writes the review that is owed, and has it signed."""
        self.insert(name)
        self.wait_for("is in")
        self.send("9")
        self.choose(rf"for {service}")
        for about, text in answers.items():
            self.answer(about, text)
        self.wait_for("Whoever must sign", timeout=20)
        for signer in signers:
            if signer != self.inserted:
                self.remove()
            self.read_all()
            self.sign(signer)
            self.remove()

    def sign(self, name, word="approve", reason="", port="1-1"):
        """From the pages, read, to the receipt; the key may be in already."""
        self.send({"approve": "a", "reject": "r", "abstain": "b"}[word])
        if self.inserted != name:
            self.wait_for("Insert your key", timeout=10)
            self.insert(name, port)
        self.wait_for("Your reason", timeout=15)
        if reason:
            self.send(text=reason)
        self.send("enter")
        self.pin_and_touch()
        self.wait_for("and recorded", timeout=20)

    def leave(self):
        self.send("enter")
        self.remove()
        self.wait_for("Or press a number", timeout=15)


class CardKiosk(Kiosk):
    """Some of the people hold PIV cards: {name: whether it wants a touch}. Cards go into the first reader; with `ports`, {port: reader},
    into the one that is in this port."""

    def __init__(self, box, cards, holders, ports=None, **options):
        super().__init__(box, **options)
        self.cards, self.holders, self.ports = cards, holders, ports or {}

    def insert(self, name, port="1-1"):
        if name not in self.holders:
            super().insert(name, port)
        elif self.inserted != name:
            self.remove()
            self.cards.insert(name, self.ports.get(port, 0))
            self.inserted = name

    def remove(self):
        if self.inserted in self.holders:
            self.cards.remove(self.inserted)
            self.inserted = None
        super().remove()

    def touch(self):
        if self.inserted not in self.holders:
            super().touch()
        elif self.holders[self.inserted]:
            self.wait_for("Touch your card now", timeout=30)
            self.cards.touch(self.inserted)
