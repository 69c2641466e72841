# SPDX-License-Identifier: Apache-2.0
"""Runs tests that share one kiosk, one after the other: each leaves it at its list."""
import argparse
import pathlib
import tempfile
import time
import traceback


def run(bench, tests, needed=1, begin=None, back="back_to_list"):
    """The exit status. The others build on the first `needed`; `begin` is done to the bench before it starts; `back` is the bench's
    way back to the list after a failure, None where what comes after builds on everything before."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", action="append", help="besides what the others build on")
    args = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory(prefix="kiosk-") as directory:
        b = bench(args.build, pathlib.Path(directory))
        try:
            if begin is not None:
                begin(b)
            b.start()
            for test in tests:
                if args.only and test not in tests[:needed] and test.__name__ not in args.only:
                    continue
                began = time.monotonic()
                try:
                    test(b)
                    print(f"ok   {test.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
                except Exception:  # the next test may still tell something
                    failed.append(test.__name__)
                    print(f"FAIL {test.__name__}\n{traceback.format_exc()}", flush=True)
                    if b.kiosk is not None:
                        print(b.kiosk.screen.text(), flush=True)
                    if back is None or b.kiosk is None or test in tests[:needed]:
                        break
                    getattr(b, back)()
        finally:
            b.stop()
            if failed:
                for log in sorted(pathlib.Path(directory).glob("**/logs/*")):
                    print(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}")
    print(f"{len(failed)} failed: {', '.join(failed)}" if failed else "all passed")
    return 1 if failed else 0
