#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Security keys with two faces: what libfido2 sees at hidraw and what pcscd sees in a reader come, blink and go together."""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cards  # noqa: E402
import test_cards  # noqa: E402
from test_cards import SELECT, SIGN_9C, VERIFY, Client, check, no_answer  # noqa: E402

RP, PIN = "approval.example", "2468"

args = None


def enrol(keys, node):
    """A FIDO2 registration; whether it worked."""
    r = subprocess.run([args.fido, node, "enrol", RP, PIN, "2"], env=keys.env(), capture_output=True, text=True, timeout=60)
    return r.returncode == 0 and len(r.stdout.strip()) == 64


def both_faces(keys):
    """One insertion, two devices; one PIN each; one finger for whichever asks."""
    keys.card("issue", "olga", "9c", "p256", "touch=always")
    node = keys.insert("olga", "1-1")
    keys("pin", "olga", PIN)
    client = Client(keys).use(keys)
    client.works(VERIFY)
    client.say("apdu", SIGN_9C)
    keys.touch("olga")
    answer = client.hear()
    check(answer.endswith("9000"), f"the card did not sign: {answer}")
    check(keys.ask("touch", "olga") == "error not asked for", "nobody asks any more")
    done = []
    thread = threading.Thread(target=lambda: done.append(enrol(keys, node)))
    thread.start()
    cards.wait_until("FIDO2 blinks", lambda: " blinking " in keys("status", "olga"))
    check(keys.status("olga")["light"] == "idle", "the card does not")
    keys("touch", "olga")
    thread.join()
    check(done == [True], "FIDO2 did not register")


def together(keys):
    """Out and in of the key is out and in of both; the card forgets its PIN."""
    keys.card("issue", "olga", "9c", "p256")
    node = keys.insert("olga")
    keys("pin", "olga", PIN)
    client = Client(keys).use(keys)
    client.works(VERIFY)
    keys.remove("olga")
    check(no_answer(client.apdu(SELECT)), "the card is out")
    check(keys("status", "olga").startswith("out"), "the key is out")
    check(not enrol(keys, node), "hidraw is out")
    check(client.count(keys)[0] == "empty", "the reader is empty")
    node = keys.insert("olga")
    keys("touch-auto", "olga", "on")
    check(enrol(keys, node), "hidraw is back")
    client = Client(keys).use(keys)
    client.fails(SIGN_9C, "6982")
    test_cards.sign(keys, client)


def two_keys(keys):
    """Two keys, two readers, each its own card; a third finds no reader, and none of it stays in."""
    for name in ("olga", "bob"):
        keys.card("issue", name, "9c", "p256")
        keys.insert(name)
    for reader, name in enumerate(("olga", "bob")):
        check(test_cards.serial_of(Client(keys).use(keys, reader)) == keys.status(name)["serial"], f"{name} is elsewhere")
    check(keys.ask("insert", "carl") == "error no reader for its card", "a third key")
    check(keys("list").split() == ["olga:/dev/hidraw0", "bob:/dev/hidraw1", "carl:out"], "two keys are in")
    keys.remove("olga")
    keys.insert("carl")
    check(keys.status("carl")["reader"] == 0, "there is room now")


def whole_keys_only(keys):
    """A card of a key cannot be pulled without the key; without a key there is no card command."""
    keys.insert("olga")
    for line in ("card remove olga", "card insert bob", "card swap olga bob", "card quit", "card touch olga"):
        check(keys.ask(line) == "error that is the key's to do", line)
    check(keys.ask("card status olga").startswith("ok in"), "and others are obeyed")


TESTS = [both_faces, together, two_keys, whole_keys_only]


def main():
    global args
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--fido", required=True)
    args = test_cards.args = parser.parse_args()
    failed = 0
    for test in TESTS:
        with tempfile.TemporaryDirectory() as directory:
            failed += not test_cards.attempt(test, lambda: cards.Keys(args.build, pathlib.Path(directory) / "keys"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
