# SPDX-License-Identifier: Apache-2.0
"""D1: every program of a running appliance is in its cage. Read from the kernel, not from what the programs say."""
import argparse
import os
import pathlib
import pwd
import shutil
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import terminal  # noqa: E402

OFFICERS = ["odette", "olga", "omar"]
INET = ("tcp", "tcp6", "udp", "udp6", "raw", "raw6")


def check(holds, text):
    if not holds:
        raise boxes.Failed(text)


def find(box, name):
    """The process of this box that runs this program, by the kernel's own link; None."""
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.readlink(entry / "exe") == str(box.bin / name) and str(box.dir).encode() in (entry / "cmdline").read_bytes():
                    return int(entry.name)
            except OSError:
                pass
    return None


def settled(box, name):
    """The same once it has said that it wants no new privileges: the last step but one of its start."""
    for _ in range(400):
        pid = find(box, name)
        if pid is not None and status(pid)["NoNewPrivs"] == "1":
            time.sleep(0.05)
            return pid
        time.sleep(0.025)
    raise boxes.Failed(f"{name} does not run, or never gave up its privileges")


def status(pid):
    return dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


def limit(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines():
        if line.startswith(name):
            return line[len(name):].split()[:2]
    raise boxes.Failed(f"no limit {name}")


def inet_inodes():
    """Inode and local port of every internet socket of this machine."""
    found = {}
    for kind in INET:
        path = pathlib.Path("/proc/net") / kind
        for line in path.read_text().splitlines()[1:] if path.exists() else []:
            words = line.split()
            found[words[9]] = int(words[1].rsplit(":", 1)[1], 16)
    return found


def ports(pid):
    """Local ports of the internet sockets that a process has open."""
    inet = inet_inodes()
    mine = []
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(fd)
        except OSError:
            continue
        if target.startswith("socket:[") and target[8:-1] in inet:
            mine.append(inet[target[8:-1]])
    return mine


def caged(name, pid, sanitized):
    s = status(pid)
    check(s["NoNewPrivs"] == "1", f"{name}: privileges can still grow")
    check(sanitized or s["Seccomp"] == "2", f"{name}: no seccomp filter ({s['Seccomp']})")
    check(limit(pid, "Max core file size") == ["0", "0"], f"{name}: may dump core")
    soft, hard = limit(pid, "Max open files")
    check(soft == hard, f"{name}: may raise its descriptors from {soft} to {hard}")
    print(f"   {name}: seccomp {s['Seccomp']}, no new privileges, {soft} descriptors, user {s['Uid'].split()[1]}")


def everything(box, sanitized):
    print("-- the whole appliance", flush=True)
    box.start_tokens()
    box.init(OFFICERS, ROOT / "docs/examples/policy-start.json")
    box.start_core()
    box.start_http()
    kiosk = terminal.Terminal(box.kiosk_argv())
    try:
        for name in ("countersignd", "countersign-http", "countersign-token", "countersign-kiosk"):
            pid = settled(box, name)
            caged(name, pid, sanitized)
            want = {box.port} if name == "countersign-http" else set()
            check(set(ports(pid)) == want, f"{name} has sockets at the ports {ports(pid)}")
    finally:
        kiosk.close()
    box.stop()


def another_user(box):
    """Started by root, the core becomes the user it is told, for good."""
    if os.geteuid() != 0:
        print("-- not root: changing the user is not tested", flush=True)
        return
    print("-- the core becomes another user", flush=True)
    nobody = pwd.getpwnam("nobody")
    box.start_tokens()
    box.init(OFFICERS, ROOT / "docs/examples/policy-start.json")
    for path in [box.dir, box.state, box.run_dir, *box.state.iterdir()]:
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    for start in ("first", "second"):
        box.spawn("countersignd", [box.bin / "countersignd", "--state", box.state, "--run", box.run_dir, "--user", "nobody"],
                  ready=lambda: (box.run_dir / "kiosk.sock").exists())
        s = status(settled(box, "countersignd"))
        check(s["Uid"].split() == [str(nobody.pw_uid)] * 4, f"{start} start: users {s['Uid']}")
        check(s["Gid"].split() == [str(nobody.pw_gid)] * 4, f"{start} start: groups {s['Gid']}")
        check("0" not in s["Groups"].split(), f"{start} start: still in root's group")
        check(int(s["CapPrm"], 16) == 0 and int(s["CapEff"], 16) == 0, f"{start} start: capabilities are left")
        for path in box.state.iterdir():
            check(path.stat().st_uid == nobody.pw_uid, f"{path} is not the core's own")
        box.end("countersignd")
    box.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--sanitized", default="0")
    args = parser.parse_args()
    for part in (lambda b: everything(b, args.sanitized == "1"), another_user):
        directory = tempfile.mkdtemp(prefix="cs-cage-")
        os.chmod(directory, 0o755)
        box = boxes.Box(args.build, pathlib.Path(directory) / "box")
        try:
            part(box)
        except boxes.Failed as e:
            print(f"FAILED: {e}")
            return 1
        finally:
            box.stop()
            shutil.rmtree(directory, ignore_errors=True)
    print("all in their cages")
    return 0


sys.exit(main())
