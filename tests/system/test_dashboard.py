#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The dashboard over a real core and the real HTTP front, as a browser's TLS would see it. 3.4: findings of scanners with severity and
place, new, known and fixed against what runs; high ones block. Besides: who may see it, that no text becomes markup, that nothing can be
loaded, run or sent, and that every link leads somewhere."""
import html.parser
import http.client
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import box as boxes  # noqa: E402
import hand as hands  # noqa: E402
import showing  # noqa: E402
import stage  # noqa: E402

VOID = {"meta", "link", "br"}
ELEMENTS = VOID | set("html head title body a header p nav ul li main h1 h2 h3 section dl dt dd div table caption thead tbody tr th td span strong em "
                      "code time bdi form label select option button footer".split())
ATTRIBUTES = set("lang charset name content rel href type class id tabindex role scope dir datetime method action for value selected".split()) | {
    "aria-label", "aria-labelledby", "aria-current", "aria-hidden"}
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


def check(holds, *text):
    if not holds:
        raise boxes.Failed(" ".join(str(t) for t in text))


class Page(html.parser.HTMLParser):
    """A page whose every element and attribute is one of ours, and closed in its order; what is said on it, and its links."""

    def __init__(self, body):
        super().__init__(convert_charrefs=True)
        self.open, self.links, self.ids, self.pieces, self.roles, self.headings, self.chips = [], [], set(), [], {}, [], []
        self.source = body.decode("utf-8")
        self.feed(self.source)
        self.close()
        check(self.open == [], "left open:", self.open)
        self.text = " ".join("".join(self.pieces).split())
        for mark in self.source:
            check(mark in "\n" or ord(mark) >= 0x20 and not 0x7F <= ord(mark) < 0xA0, "a control character in the page", ascii(mark))
            check(ord(mark) not in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200E, 0x200F), "a hidden one", ascii(mark))

    def handle_starttag(self, tag, attrs):
        check(tag in ELEMENTS, "an element that is not ours:", tag)
        for name, value in attrs:
            check(name in ATTRIBUTES, "an attribute that is not ours:", tag, name, value)
            if name == "href":
                self.links.append(value)
            if name == "id":
                check(value not in self.ids, "an id twice", value)
                self.ids.add(value)
            if name == "role":
                self.roles[value] = self.roles.get(value, 0) + 1
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("class", "")))

    def handle_endtag(self, tag):
        check(self.open and self.open[-1][0] == tag, "closes", tag, "where open is", self.open[-3:])
        self.open.pop()

    def handle_data(self, data):
        self.pieces.append(data)
        if self.open and self.open[-1][0] in ("h1", "h2", "h3"):
            self.headings.append(data)
        if self.open and self.open[-1] == ("span", "chip"):
            self.chips.append(data)

    def handle_comment(self, data):
        check(False, "a comment", data)

    def handle_pi(self, data):
        check(False, "an instruction", data)


def get(box, path, token=stage.READER, status=200, **how):
    answer = box.call("GET", path, token=token, **how)
    check(answer.status == status, path, "answered", answer)
    return answer


def page(box, path, **how):
    answer = get(box, path, **how)
    guarded(answer)
    return Page(answer.body)


def guarded(answer):
    for name, value in (("content-security-policy", POLICY), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"),
                        ("content-type", "text/html; charset=utf-8"), ("cross-origin-resource-policy", "same-origin"),
                        ("cross-origin-opener-policy", "same-origin")):
        check(answer.fields.get(name) == value, name, answer.fields)
    check("set-cookie" not in answer.fields, answer.fields)


def paths(box):
    return ["/"] + [f"/requests/{i}" for i in box.requests.values()]


# --- what is shown ---

def findings_against_what_runs_3_4(box):
    """The scanner's critical finding is new and blocks; what runs has two more, of which one is fixed."""
    p = page(box, f"/requests/{box.requests['blocked']}")
    for said in ("2 new, 2 known, 1 fixed", "0 new, 1 known, 1 fixed", "evidence_limit", "waits for evidence live/sast", "critical 1, high 1 (1 known)",
                 f"Compared with request {box.requests['ran']}", "py/sql-injection lib/ledger/report.py:132", "blocks", "from scanner"):
        check(said in p.text, said, "is not on", p.text)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", p.source, re.S)
    row = {name: next(r for r in rows if name in r) for name in ("sql-injection", "weak-hash", "path-injection", "log-injection")}
    for name, severity, against in (("sql-injection", "critical", "new"), ("weak-hash", "high", "known"), ("path-injection", "high", "fixed"),
                                    ("log-injection", "medium", "new")):
        text = Page(f"<table><tbody><tr>{row[name]}</tr></tbody></table>".encode()).text
        check(severity in text and against in text, name, text)
    order = [p.source.index(name) for name in ("sql-injection", "log-injection", "weak-hash", "path-injection")]
    check(order == sorted(order), "new and bad ones first", order)
    check("waiver" not in page(box, "/").text, "no waiver waits")


def the_kiosk_shows_the_same_digests(box):
    for name, request in box.requests.items():
        status = box.ask("GET", f"/v1/requests/{request}")[1]
        source = get(box, f"/requests/{request}").body.decode()
        shown = ["".join(re.findall(r"<span[^>]*>([0-9a-f]{4})</span>", code)) for code in re.findall(r'<code class="digest">(.*?)</code>', source)]
        check(status["leaf_sha256"] in shown and status["sheet_sha256"] in shown, name, status, shown)


def the_sheet_in_its_order(box):
    for request in box.requests.values():
        lines = box.sheet(request)["sheet"]
        p = page(box, f"/requests/{request}")
        sheet = p.source[p.source.index('id="sheet"'):]
        sheet = sheet[:sheet.index("</table>")]
        rows = re.findall(r"<tbody.*?>(.*)</tbody>", sheet, re.S)[0].strip().split("</tr>")[:-1]
        check(len(rows) == len(lines), request, len(rows), len(lines))
        for row, line in zip(rows, lines):
            text = Page(f"<table><tbody>{row}</tr></tbody></table>".encode()).text
            for key in ("id", "rule", "state", "value", "role", "source"):
                check(str(line.get(key, "")) in text, request, key, line, text)
            check(line["reason"] == "ok" or line["reason"] in text, line, text)


def what_waits(box):
    p = page(box, "/")
    waiting = {name for name, i in box.requests.items() if f"/requests/{i}" in p.links}
    check(waiting == {"blocked", "eligible", "hostile", "bare", "paused"}, waiting)
    check("1 freeze holds" in p.text and "People decide at a kiosk" in p.text and "1 × tech, 1 × business, 1 × security" in p.text, p.text)
    check("left" in p.text and "UTC" in p.text, "clocks", p.text)
    for filters, wanted in (("environment=staging&status=", {"paused"}), ("status=blocked", {"blocked", "bare"}), ("environment=lab&status=blocked", set()),
                            ("environment=&status=", waiting), ("environment=nowhere", set()), ("status=approved", set())):
        p = page(box, "/?" + filters)
        check({name for name, i in box.requests.items() if f"/requests/{i}" in p.links} == wanted, filters, p.links)


def many_are_paged(box):
    ids = [box.open("lab", f"many-{i}", service="many", title=f"Many {i}") for i in range(103)]
    seen, path, pages = [], "/?environment=lab", 0
    while path:
        p = page(box, path)
        seen += [int(link.rpartition("/")[2]) for link in p.links if link.startswith("/requests/")]
        following = [link for link in p.links if "cursor=" in link]
        path, pages = (following[0] if following else None), pages + 1
        check(pages < 9, "pages without end")
    check(pages == 3 and len(seen) == len(set(seen)), pages, len(seen))
    check([i for i in seen if i in ids] == ids, "by deadline, each once")
    box.many = ids


def every_link_leads_somewhere(box):
    for path in paths(box):
        p = page(box, path)
        check(p.links, path)
        for link in set(p.links):
            if link.startswith("#"):
                check(link[1:] in p.ids, path, link)
                continue
            check(link.startswith("/"), path, "links to", link)
            answer = get(box, link)
            check(answer.fields["content-type"].startswith(("text/html", "text/css", "image/svg+xml")), link, answer.fields)


def it_can_be_heard(box):
    for path in paths(box):
        p = page(box, path)
        check(p.source.count("<main ") == 1 and p.source.count("<h1>") == 1 and '<html lang="en">' in p.source and "<title>" in p.source, path)
        for table in re.findall(r"<table.*?</table>", p.source, re.S):
            check("<caption" in table and 'scope="col"' in table and 'scope="row"' in table, path, table[:200])
        for field in re.findall(r"<select id=\"(\w+)\"", p.source):
            check(f'<label for="{field}">' in p.source, path, field)


# --- what is not ---

def no_text_becomes_markup(box):
    """Page does the work: an element or attribute that a text brought along would be there. Here: the text is."""
    p = page(box, f"/requests/{box.requests['hostile']}")
    texts = showing.HOSTILE_TEXTS
    for said in ('"><img src=x onerror=alert(1)>', "evil & <b>bold</b>", "</dd></dl><script>alert(2)</script>", "'quoted' \"twice\" &amp; &#60;",
                 "<style>*{display:none}</style>", "</main></body>", "\u05e9\u05dc\u05d5\u05dd"):
        check(said in p.text, said, p.text)
    check({"U+202E", "U+2066", "U+2069", "U+200B"} <= set(p.chips), p.chips)
    check("You can only reject it." in p.text, "the kiosk's own words")
    check('"><img src=x onerror=alert(1)>' in page(box, "/").text and texts, "the list, too")


def hostile_queries(box):
    script = "%3Cscript%3Ealert(1)%3C/script%3E"
    p = page(box, f"/?environment={script}")
    check("<script>alert(1)</script>" in p.text, p.text)
    for query in ("environment=a+b", "environment=%00", "environment=%0a", "environment=%ff", "environment=%", "environment=" + "a" * 65, "status=open", "status=%3C",
                  "cursor=x", "cursor=-1", "cursor=18446744073709551616", "limit=1", "environment=a&environment=b", "x=%3Cscript%3E", "&&", "=", "cursor=1&cursor="):
        answer = get(box, "/?" + query, status=400)
        check(answer.fields["content-type"] == "application/problem+json" and b"<" not in answer.body, query, answer)
    for query in ("cursor=18446744073709551615", "cursor=0", "cursor=4"):  # names no request
        guarded(get(box, "/?" + query, status=404))
    get(box, "/?environment=" + "a" * 3000, status=414)
    for path in ("/requests/999999", "/requests/0", "/requests/18446744073709551615"):
        answer = get(box, path, status=404)
        guarded(answer)
        check("unknown_request" in Page(answer.body).text, answer)
    for path in ("/requests/1?x=1", "/dashboard.css?x=1"):
        get(box, path, status=400)
    for path in ("/requests/", "/requests/1/", "/requests/1%2f", "/requests/..%2f..", "/requests/<b>", "/dashboard.css/", "/v1/schemas/dashboard.css",
                 "/v1/schemas/favicon.svg", "/index.html", "//", "/%2e"):
        get(box, path, status=404)


def nothing_but_reading(box):
    for path in ("/", f"/requests/{box.requests['eligible']}", "/dashboard.css", "/favicon.svg"):
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            answer = box.call(method, path, b"{}", token=stage.TOKEN)
            check(answer.status == 405 and answer.fields["allow"] == "GET", method, path, answer)
    c = http.client.HTTPSConnection("localhost", box.port, context=box.tls_context())
    c.request("HEAD", "/", None, {"Authorization": f"Bearer {stage.READER}"})
    r = c.getresponse()
    check(r.status == 200 and r.read() == b"" and r.getheader("Content-Security-Policy") == POLICY, "HEAD")
    c.close()


def tags_and_caches(box):
    for path in ("/dashboard.css", "/favicon.svg"):
        answer = get(box, path, token=None)
        check(answer.fields["cache-control"] == "private, no-cache" and answer.fields["x-content-type-options"] == "nosniff", answer.fields)
        again = box.call("GET", path, token=None, If_None_Match=answer.fields["etag"])
        check(again.status == 304 and again.body == b"", again)
    path = f"/requests/{box.requests['rejected']}"
    answer = get(box, path)
    check(answer.fields["cache-control"] == "private, no-cache", answer.fields)
    for _ in range(5):  # a minute may begin in between
        again = box.call("GET", path, token=stage.READER, If_None_Match=answer.fields["etag"])
        if again.status == 304:
            break
        answer = again
    check(again.status == 304 and again.fields["content-security-policy"] == POLICY, again.fields)
    box.open("lab", "another")  # the log went on, and the foot says so
    check(box.call("GET", path, token=stage.READER, If_None_Match=answer.fields["etag"]).status == 200, "the same tag for another page")


def who_may_see_it(box):
    for path in ("/", f"/requests/{box.requests['eligible']}", "/requests/999999"):
        for token, status, code in ((None, 401, "no_credentials"), ("wrong", 401, "bad_token"), (showing.WRITER, 403, "no_scope"), (showing.SCANNER, 403, "no_scope")):
            answer = get(box, path, token=token, status=status)
            guarded(answer)
            p = Page(answer.body)
            check(code in p.text and "Settlement" not in p.text and "eligible" not in p.text, path, token, p.text)
    desk, writer = (box.tls_context(*box.certificate(name)) for name in ("desk", "writer"))
    check("Settlement" in Page(get(box, "/", token=None, context=desk).body).text, "a browser with the desk's certificate")
    get(box, "/", token=None, context=writer, status=403)
    stranger = box.tls_context(*box.certificate("stranger"))
    get(box, "/", token=None, context=stranger, status=401)


def no_page_gives_commands(box):
    """A browser that holds a certificate with more scopes than it should have does not lend them to anybody's page."""
    request = box.requests["eligible"]
    for path, body, token in ((f"/v1/requests/{request}/withdraw", b'{"reason":"x"}', stage.TOKEN), ("/v1/requests", stage.submission("page"), stage.TOKEN),
                              ("/v1/incidents", b'{"environments":["lab"],"incident":"INC-1"}', showing.PAGER),
                              (f"/v1/requests/{box.requests['blocked']}/evidence/live/tests?format=junit", showing.TESTS_XML, showing.SCANNER)):
        for origin in ("https://evil.example", "null", box.url, ""):
            answer = box.call("POST", path, body, token=token, Origin=origin)
            check(answer.status == 403 and answer.json()["code"] == "from_page", path, repr(origin), answer)
    check(box.status(request)["status"] == "eligible", "it was taken back")
    get(box, "/", Origin="https://evil.example")  # reading is what pages may try: they cannot see the answer


TESTS = [findings_against_what_runs_3_4, the_kiosk_shows_the_same_digests, the_sheet_in_its_order, what_waits, every_link_leads_somewhere, it_can_be_heard,
         no_text_becomes_markup, hostile_queries, nothing_but_reading, tags_and_caches, who_may_see_it, no_page_gives_commands, many_are_paged]


def begin(box):
    box.make_tls()
    box.start_http("--writes-per-minute", 100000, "--reads-per-second", 100000, "--client-ca", box.tls / "ca.pem")
    box.build_up()


if __name__ == "__main__":
    sys.exit(hands.run(__doc__, TESTS, begin, showing.Showing))
