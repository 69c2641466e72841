# SPDX-License-Identifier: Apache-2.0
"""Throughput does not fall off a cliff at any number of ready connections, measured as a ratio.

Debian's libmicrohttpd 0.9.75 serves 128 events a turn; where a program leaves the waiting to it, exactly 128 ready connections make it
wait for its next timer. Each number has three short rounds, and the best of them counts, because the machine does other work too."""
import argparse
import pathlib
import resource
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import stage  # noqa: E402

CONNECTIONS = (64, 127, 128, 129, 192, 256, 384, 512, 1000)
ROUNDS, ROUND_MS = 3, 300
BOUND = 0.4
TRIES = 3


def measure(box, path, connections):
    lines = boxes.run([box.build / "tests" / "http_load", box.port, stage.TOKEN, path, connections, ROUND_MS, ROUNDS], timeout=60)
    return max(float(line) for line in lines.split())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096) if hard != resource.RLIM_INFINITY else 4096, hard))
    with tempfile.TemporaryDirectory(prefix="cs-") as directory:
        box = stage.Stage(arguments.build, directory)
        try:
            box.start_core()
            box.start_http("--reads-per-second", 10000000)
            box.wait_live()
            answer = box.call("POST", "/v1/requests", stage.submission("stall"))
            path = f"/v1/requests/{answer.json()['id']}"
            best = dict.fromkeys(CONNECTIONS, 0.0)
            for _ in range(TRIES):
                for c in CONNECTIONS:
                    if best[c] == 0.0 or best[c] < BOUND * max(best.values()):
                        best[c] = max(best[c], measure(box, path, c))
                if min(best.values()) >= BOUND * max(best.values()):
                    break
        finally:
            box.stop()
    print(", ".join(f"{c}: {rate:.0f}/s" for c, rate in best.items()))
    ratio = min(best.values()) / max(best.values())
    print(f"worst/best {ratio:.2f}, bound {BOUND}")
    return 0 if ratio >= BOUND else 1


if __name__ == "__main__":
    sys.exit(main())
