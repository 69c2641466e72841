#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""countersign-http against nginx serving a static file of the same size, both up at once, the same load rotating over them; CPU from
schedstat, medians of per-round ratios. Goals G7 to G10 of docs/performance.md; G6 is about plain text, which the program does not speak. Only addresses of this machine."""
import contextlib
import pathlib
import re
import resource
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

BUILD = pathlib.Path(sys.argv[1]).resolve()
ROUNDS, SLICE_S = 5, 2
TOKEN = "Authorization: Bearer ci-token"


def free_port():
    with contextlib.closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu_s(pids):
    return sum(int(pathlib.Path(f"/proc/{p}/schedstat").read_text().split()[0]) for p in pids) / 1e9


def wrk(url, connections, seconds=SLICE_S):
    r = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-H", TOKEN, url], capture_output=True, text=True, timeout=120)
    n = int(re.search(r"(\d+) requests in", r.stdout).group(1))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", r.stdout)
    if n == 0 or bad:
        sys.exit(f"wrk: {r.stdout}{r.stderr}")
    return n, float(re.search(r"Requests/sec:\s+([\d.]+)", r.stdout).group(1))


class Bed:
    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="bench-http-"))
        self.ports = {name: free_port() for name in ("tls", "nginx_tls")}
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout",
                        self.dir / "key.pem", "-out", self.dir / "cert.pem", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                       check=True, capture_output=True)
        self.processes = []
        self.cores = {"tls": self.start_stage("tls")}
        body = self.fetch("tls")
        (self.dir / "status.json").write_bytes(body)
        self.size = len(body)
        self.start_nginx()

    def start_stage(self, name):
        core = subprocess.Popen([BUILD / "tests/stage-core", self.dir / f"{name}.sock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        core.stdout.readline()
        core.stdin.write("open 50\n")
        self.request = int(core.stdout.readline().split()[1])
        http = subprocess.Popen([BUILD / "bin/countersign-http", "--core", self.dir / f"{name}.sock", "--address", "127.0.0.1", "--port",
                                 str(self.ports[name]), "--reads-per-second", "10000000",
                                 "--cert", self.dir / "cert.pem", "--key", self.dir / "key.pem"], stderr=subprocess.DEVNULL)
        self.processes += [http, core]
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                self.fetch(name)
                return http, core
            time.sleep(0.05)
        sys.exit("countersign-http does not answer")

    def url(self, name):
        path = "/status.json" if "nginx" in name else f"/v1/requests/{self.request}"
        return f"https://localhost:{self.ports[name]}{path}"

    def fetch(self, name):
        q = urllib.request.Request(self.url(name), headers=dict([TOKEN.split(": ")]))
        context = ssl.create_default_context(cafile=self.dir / "cert.pem")
        with urllib.request.urlopen(q, context=context, timeout=5) as r:
            return r.read()

    def start_nginx(self):
        conf = self.dir / "nginx.conf"
        conf.write_text(f"""worker_processes 1; pid {self.dir}/nginx.pid; error_log /dev/null; daemon off;
events {{ worker_connections 4096; }}
http {{ access_log off; open_file_cache max=16; keepalive_requests 100000000; sendfile on; default_type application/json;
  server {{ listen 127.0.0.1:{self.ports['nginx_tls']} ssl; root {self.dir}; ssl_certificate {self.dir}/cert.pem; ssl_certificate_key {self.dir}/key.pem;
    ssl_protocols TLSv1.3; }} }}
""")
        self.dir.chmod(0o755)
        (self.dir / "status.json").chmod(0o644)
        self.nginx = subprocess.Popen(["nginx", "-c", conf, "-p", self.dir], stderr=subprocess.DEVNULL)
        self.processes.append(self.nginx)
        time.sleep(0.5)

    def pids(self, name):
        if "nginx" not in name:
            return [self.cores[name][0].pid]
        return [int(p) for p in subprocess.run(["pgrep", "-P", str(self.nginx.pid)], capture_output=True, text=True).stdout.split()]

    def close(self):
        for p in self.processes:
            p.terminate()
        for p in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                p.wait(5)
        shutil.rmtree(self.dir, ignore_errors=True)


def per_request_us(bed, name, connections=64):
    before = cpu_s(bed.pids(name))
    n, rate = wrk(bed.url(name), connections)
    return (cpu_s(bed.pids(name)) - before) * 1e6 / n, rate


def ratio(bed, ours, theirs):
    ratios, us = [], []
    for _ in range(ROUNDS):
        a, b = per_request_us(bed, ours)[0], per_request_us(bed, theirs)[0]
        ratios.append(a / b)
        us.append(a)
    return statistics.median(ratios), statistics.median(us)


def replies(bed):
    q = urllib.request.Request(bed.url("tls").split("/v1/")[0] + "/metrics", headers=dict([TOKEN.split(": ")]))
    with urllib.request.urlopen(q, context=ssl.create_default_context(cafile=bed.dir / "cert.pem"), timeout=30) as r:
        return int(re.search(r'replies_total{class="2xx"} (\d+)', r.read().decode()).group(1)), time.monotonic()


def steady_rate(bed, connections):
    """Answers a second once every handshake is done."""
    warm_s = 2 + connections // 75
    load = subprocess.Popen(["wrk", "-t1", f"-c{connections}", f"-d{warm_s + 5}s", "-H", TOKEN, bed.url("tls")], stdout=subprocess.DEVNULL)
    time.sleep(warm_s)
    marks = [replies(bed)]
    for _ in range(3):
        time.sleep(1)
        marks.append(replies(bed))
    load.terminate()
    load.wait()
    return max((m - n) / (ended - began) for (n, began), (m, ended) in zip(marks, marks[1:]))  # a stall stalls all of them


def over_connections(bed):
    rates = {c: steady_rate(bed, c) for c in (64, 127, 128, 129, 192, 256, 384, 512, 1000)}
    print("     " + ", ".join(f"c={c} {r:.0f}/s" for c, r in rates.items()))
    return min(rates.values()) / max(rates.values())


def handshakes(bed, reuse, count=60):
    context = ssl.create_default_context(cafile=bed.dir / "cert.pem")
    session, resumed = None, 0
    before = cpu_s(bed.pids("tls"))
    for _ in range(count):
        with socket.create_connection(("127.0.0.1", bed.ports["tls"])) as plain, \
                context.wrap_socket(plain, server_hostname="localhost", session=session if reuse else None) as t:
            t.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            t.recv(1000)
            resumed += t.session_reused
            session = t.session
    return (cpu_s(bed.pids("tls")) - before) / count, resumed


def rss_kb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1))


def parked(bed, count=1000):
    """RSS of each waiting pipeline, CPU while they wait, and the time until the last of them is told."""
    pid = bed.cores["tls"][0].pid
    context = ssl.create_default_context(cafile=bed.dir / "cert.pem")
    before = rss_kb(pid)
    conns = []
    for _ in range(count):
        t = context.wrap_socket(socket.create_connection(("127.0.0.1", bed.ports["tls"])), server_hostname="localhost")
        t.sendall(f"GET /v1/requests/{bed.request}?wait=60 HTTP/1.1\r\nHost: localhost\r\n{TOKEN}\r\n\r\n".encode())
        conns.append(t)
    time.sleep(1)
    each_kb = (rss_kb(pid) - before) / count
    cpu = cpu_s([pid])
    time.sleep(5)
    idle = (cpu_s([pid]) - cpu) / 5
    core = bed.cores["tls"][1]
    began = time.monotonic()
    core.stdin.write(f"approve {bed.request}\n")
    core.stdout.readline()
    for t in conns:
        t.recv(4096)
    woken = time.monotonic() - began
    for t in conns:
        t.close()
    return each_kb, idle, woken


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    failed = 0

    def goal(name, what, figure, bound, good):
        nonlocal failed
        failed += not good
        print(f"{'ok  ' if good else 'MISS'} {name:4} {what}: {figure} (goal {bound})", flush=True)

    bed = Bed()
    try:
        print(f"     status page of {bed.size} bytes, {ROUNDS} rounds of {SLICE_S} s, 64 connections")
        each_kb, idle, woken = parked(bed)
        goal("G10", "1,000 waiting pipelines over TLS", f"{each_kb:.1f} KB each ({each_kb * 1000 / 1024:.1f} MiB RSS), {idle * 100:.2f} % CPU, all woken in {woken:.2f} s", "<= 22 KB, < 0.5 %, < 0.5 s",
             each_kb <= 22 and idle < 0.005 and woken < 0.5)
        r, us = ratio(bed, "tls", "nginx_tls")
        goal("G7", "status GET, CPU of nginx static, both TLS keep-alive, ours with token and routing", f"{r:.2f}x, {us:.1f} us", "<= 1.25", r <= 1.25)
        r = over_connections(bed)
        goal("G8", "throughput over connections, worst / best", f"{r:.2f}", ">= 0.4", r >= 0.4)
        ratios, resumed = [], 0
        for _ in range(ROUNDS):
            full, again = handshakes(bed, False), handshakes(bed, True)
            ratios.append(again[0] / full[0])
            resumed += again[1]
        r, all_but_first = statistics.median(ratios), 59 * ROUNDS
        goal("G9", "resumed / full handshake, server CPU", f"{r:.2f}, {resumed} of {all_but_first} resumed", "<= 0.80, all", r <= 0.8 and resumed >= all_but_first)
    finally:
        bed.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
