# SPDX-License-Identifier: Apache-2.0
"""A presence switch: an input device under umockdev that answers the kernel's evdev ioctls, and whose events a test writes. The kiosk is
the shipped one; it is started by umockdev-run, which preloads the library that puts the device in the place of /dev/input/event7."""
import os
import struct

NODE = "/dev/input/event7"
EV_SYN, EV_KEY, EV_SW = 0, 1, 5
SYN_REPORT, SYN_DROPPED = 0, 3
BITS_BYTES = 96  # KEY_MAX / 8 + 1: what the kiosk asks for
DEVICE = f"""P: /devices/platform/gpio-keys/input/input7/event7
N: {NODE.removeprefix("/dev/")}
E: DEVNAME={NODE}
E: SUBSYSTEM=input
E: MAJOR=13
E: MINOR=71
A: dev=13:71

"""
# umockdev-run makes a terminal of the node, of which whole events could be cut; a FIFO gives them as they were written
RUN = 'ln -sfn "$1" "$UMOCKDEV_DIR$2" && shift 2 && exec "$@"'


class Switch:
    """has: {EV_SW: code, EV_KEY: code}, what the device has; on: which of these types stands on when the kiosk asks."""

    def __init__(self, directory, has, on=()):
        directory.mkdir(parents=True)
        self.dir, self.has = directory, has
        self.fifo = directory / "events"
        os.mkfifo(self.fifo)
        self.writer = os.open(self.fifo, os.O_RDWR | os.O_CLOEXEC)  # without a writer the device would be gone
        (directory / "device").write_text(DEVICE)
        rows = [f"@DEV {NODE}"]
        for kind, ask in ((EV_SW, "EVIOCGSW(0)"), (EV_KEY, "EVIOCGKEY(0)")):
            rows.append(f"EVIOCGBIT({kind}) {BITS_BYTES} {self._bits(kind in has, kind)}")
            rows.append(f"{ask} {BITS_BYTES} {self._bits(kind in on, kind)}")
        (directory / "ioctl").write_text("\n".join(rows) + "\n")

    def _bits(self, there, kind):
        return (1 << self.has[kind] if there else 0).to_bytes(BITS_BYTES, "little").hex().upper()

    def argv(self, kiosk):
        """The kiosk's command line, with this switch."""
        return ["umockdev-run", "--device", str(self.dir / "device"), "--ioctl", f"{NODE}={self.dir / 'ioctl'}", "--",
                "sh", "-c", RUN, "sh", str(self.fifo), NODE, *kiosk, "--presence-switch", NODE]

    def event(self, kind, code, value):
        """One event of the kernel's struct input_event, and the report that ends it."""
        os.write(self.writer, struct.pack("@qqHHi", 0, 0, kind, code, value) + struct.pack("@qqHHi", 0, 0, EV_SYN, SYN_REPORT, 0))

    def turn(self, on, kind=EV_SW):
        self.event(kind, self.has[kind], 1 if on else 0)

    def gone(self):
        """The device is pulled."""
        if self.writer is not None:
            os.close(self.writer)
        self.writer = None
