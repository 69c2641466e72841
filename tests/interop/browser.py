# SPDX-License-Identifier: Apache-2.0
"""One line a check: the dashboard in a real Chromium, light and dark, 1280, 390 and 320 px wide: the console says nothing (so the content
policy was never broken), nothing is loaded from elsewhere, nothing scrolls sideways, and axe-core finds nothing by WCAG 2.2 AA. 3.4

usage: browser.py --build DIR --node DIR_WITH_NODE_MODULES --out DIR_FOR_PICTURES"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import showing  # noqa: E402
import stage  # noqa: E402

MISSING = "/requests/999999"  # a refusal is a page, too; the browser says of it that it is one

failed = 0


def say(ok, text, detail=""):
    global failed
    failed += not ok
    print(f"{'ok     ' if ok else 'FAILED '} {text}{'' if ok else ': ' + detail.strip()}", flush=True)


def judge(look):
    name = f"{look['target']} {look['scheme']} {look['width']} px"
    for what, words in (("said", "the console says nothing"), ("refused", "everything it loads is there"), ("elsewhere", "loads nothing from elsewhere"),
                        ("violations", "axe-core finds nothing")):
        said = [x for x in look[what] if not (look["target"] == MISSING and "404" in x)]
        say(not said, f"chromium: {name}: {words}", json.dumps(said))
    say(look["guarded"], f"chromium: {name}: refuses script and style that are put in, and says so", str(look["guarded"]))
    say(look["sideways"] == 0, f"chromium: {name}: does not scroll sideways", str(look["sideways"]))
    say(look["styled"] == "rgb(7, 13, 25)" and look["passes"] > 20, f"chromium: {name}: is styled and was looked at", str(look))


def walked(w):
    say("Skip" in w["first"]["words"] and w["first"]["top"] >= 0 and w["first"]["ring"] == "solid" and w["skipped"] == "main",
        "chromium: by keyboard, the first stop is seen and leads past the frame", str(w))
    say(w["url"] == "/?environment=&status=blocked" and w["rows"] and all("blocked" in x for x in w["rows"]) and not w["said"],
        "chromium: the filters are sent as a form, and hold", str(w))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--node", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        say(False, "chromium is there")
        return 1
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="cs-") as directory:
        box = showing.Showing(arguments.build, directory)
        try:
            box.start_http("--reads-per-second", 100000)
            box.build_up()
            paths = ["/", "/?environment=lab&status=blocked", *[f"/requests/{box.requests[n]}" for n in ("ran", "blocked", "hostile", "rejected")],
                     MISSING]
            r = subprocess.run(["node", arguments.node / "browser.cjs", chromium, arguments.node / "node_modules/axe-core/axe.min.js", box.url,
                                stage.READER, arguments.out, *paths], capture_output=True, text=True)
            looks = [json.loads(line) for line in r.stdout.splitlines()]
            for look in looks:
                walked(look) if "walk" in look else judge(look)
            say(r.returncode == 0 and len(looks) == 1 + len(paths) * 6, "chromium: every page was looked at", r.stderr[-2000:])
        finally:
            box.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
