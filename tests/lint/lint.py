# SPDX-License-Identifier: Apache-2.0
"""Checks that no compiler makes: licences, headers that stand alone, what each room links and imports, and that the
documents say what the code has (rooms, reason codes, options, requirements, files)."""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release-gcc"
ROOMS = {}  # room: the rooms that it links, from src/*/CMakeLists.txt

# The pure core, and all that each of its rooms may import: memory, bytes, sorting, hashing, verification. No
# descriptor, clock, environment, locale, random number. A name that nothing imports any more must go from here too.
PURE = {
    "base": "SHA256_Final SHA256_Init SHA256_Update SHA384_Final SHA384_Init SHA384_Update SHA512_Final SHA512_Init"
    " SHA512_Update __explicit_bzero_chk __stack_chk_fail calloc free memchr memcmp memcpy memset mlock realloc strchr"
    " strlen",
    "json": "__stack_chk_fail memchr memcpy strrchr",
    "merkle": "__stack_chk_fail free memcpy realloc",
    "note": "__stack_chk_fail memchr memcpy",
    "crypt": "BIO_ctrl BIO_free_all BIO_new BIO_s_mem X509_NAME_print_ex ASN1_INTEGER_free ASN1_OBJECT_free ASN1_STRING_get0_data ASN1_STRING_length ASN1_STRING_type"
    " ASN1_TIME_diff ASN1_TIME_free ASN1_TIME_set BASIC_CONSTRAINTS_free ERR_get_error EVP_DigestVerify"
    " EVP_DigestVerifyInit EVP_MD_CTX_free EVP_MD_CTX_new EVP_PKEY_CTX_free EVP_PKEY_CTX_new_from_name"
    " EVP_PKEY_CTX_new_from_pkey EVP_PKEY_CTX_set_rsa_padding EVP_PKEY_CTX_set_signature_md EVP_PKEY_free"
    " EVP_PKEY_fromdata EVP_PKEY_fromdata_init EVP_PKEY_get_security_bits EVP_PKEY_new_raw_public_key EVP_PKEY_verify"
    " EVP_PKEY_verify_init EVP_sha256 EVP_sha512 OBJ_find_sigid_algs OBJ_txt2obj OPENSSL_sk_new_null"
    " OPENSSL_sk_num OPENSSL_sk_pop_free OPENSSL_sk_push OPENSSL_sk_value OSSL_PARAM_construct_BN"
    " OSSL_PARAM_construct_end OSSL_PARAM_construct_octet_string OSSL_PARAM_construct_utf8_string"
    " X509_CRL_free X509_CRL_get0_extensions X509_CRL_get0_lastUpdate X509_CRL_get_REVOKED"
    " X509_CRL_get_ext_d2i X509_CRL_get_issuer X509_CRL_get_signature_nid X509_CRL_verify"
    " X509_EXTENSION_get_critical X509_EXTENSION_get_data X509_NAME_ENTRY_get_data"
    " X509_NAME_entry_count X509_NAME_get0_der X509_NAME_get_entry X509_NAME_get_index_by_NID"
    " X509_REVOKED_get0_extensions X509_REVOKED_get0_serialNumber X509_STORE_CTX_free"
    " X509_STORE_CTX_get0_chain X509_STORE_CTX_get0_param X509_STORE_CTX_get_error X509_STORE_CTX_init"
    " X509_STORE_CTX_new X509_STORE_CTX_set0_trusted_stack X509_VERIFY_PARAM_set_auth_level"
    " X509_VERIFY_PARAM_set_depth X509_VERIFY_PARAM_set_flags X509_VERIFY_PARAM_set_purpose"
    " X509_VERIFY_PARAM_set_time X509_check_ca X509_free X509_get0_notAfter X509_get0_notBefore"
    " X509_get0_pubkey X509_get0_serialNumber X509_get_X509_PUBKEY X509_get_ext X509_get_ext_by_OBJ"
    " X509_get_ext_d2i X509_get_issuer_name X509_get_key_usage X509_get_subject_name X509_get_version"
    " X509_verify_cert __stack_chk_fail calloc d2i_X509 d2i_X509_CRL free i2d_X509_PUBKEY memcmp memcpy"
    " memmove memset qsort strlen",
    "model": "__snprintf_chk __stack_chk_fail memchr memcmp memcpy memmove qsort strlen",
    "policy": "__stack_chk_fail memcpy memmove memset qsort",
    "judge": "__stack_chk_fail calloc free memcpy memmove",
}
# The parsers of evidence are no part of the core, but as pure: beside memory and bytes they import only expat.
PARSERS = {
    "evidence": "XML_GetBuffer XML_GetCurrentByteIndex XML_GetCurrentLineNumber XML_GetErrorCode XML_Parse XML_ParseBuffer"
    " XML_ParserCreate_MM XML_ParserFree XML_SetElementHandler XML_SetSkippedEntityHandler XML_SetStartDoctypeDeclHandler"
    " XML_SetUserData XML_StopParser __stack_chk_fail calloc free malloc memcmp memcpy memmove qsort realloc strchr strcmp",
}
# What the auditor's tool imports beside that: a file reader, its terminal, its command line.
AUDIT = (
    "__errno_location __fprintf_chk __libc_start_main __printf_chk clock_gettime close ferror fflush fputc fwrite getopt_long"
    " isatty malloc open __openat_2 putc read reallocarray stat strcmp"
)
REQUIREMENTS = [f"D{n}" for n in range(1, 9)] + [f"{group}.{n}" for group in range(1, 9) for n in range(1, 7)]
LINKER = {"_GLOBAL_OFFSET_TABLE_"}
faults = []


def fault(text):
    faults.append(text)


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def tracked(*patterns):
    return [ROOT / line for line in run("git", "ls-files", *patterns).splitlines() if (ROOT / line).is_file()]


def section(name, heading):
    """What stands in a document under `## heading`."""
    return (ROOT / name).read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def prose():
    """Everything that people wrote, as (path, text): no corpora, golden files, pictures."""
    for path in tracked():
        name = str(path.relative_to(ROOT))
        if name.startswith(("tests/fuzz/corpus/", "tests/golden/")) or path.suffix in (".png", ".bin"):
            continue
        yield name, path.read_text(errors="replace")


def licences():
    kinds = (".c", ".h", ".cmake", ".py", ".sh", ".go", ".js", ".mjs", ".service", ".rules", ".1", ".8")
    for name, text in prose():
        if name.endswith((*kinds, "CMakeLists.txt")) or text.startswith("#!"):
            if "SPDX-License-Identifier: Apache-2.0" not in text[:400]:
                fault(f"{name}: no SPDX line")


def this_machine():
    """Paths of one developer's machine, and work put off, are nobody's business here."""
    for name, text in prose():
        for line in text.splitlines():
            if re.search(r"(?<![\w.:/-])/(work|home|farm)/\w", line) or re.search(r"\b(TODO|FIXME|XXX)\b", line):
                if name != "tests/lint/lint.py":
                    fault(f"{name}: {line.strip()[:100]}")


def headers_alone():
    includes = [f"-I{p}" for p in (BUILD / "inc").iterdir()] + [f"-I{ROOT / 'include'}"]
    libraries = run("pkg-config", "--cflags", "libfido2", "libsystemd", "libmicrohttpd", "gnutls", "sqlite3").split()
    flags = ["gcc", "-std=c17", "-D_GNU_SOURCE", "-fsyntax-only", "-Wno-pragma-once-outside-header", *includes,
             *libraries, "-include", str(ROOT / "src/banned.h"), "-x", "c"]

    def one(path):
        r = subprocess.run([*flags, str(path)], capture_output=True, text=True)
        if r.returncode != 0:
            fault(f"{path.relative_to(ROOT)} does not compile alone: {(r.stderr.splitlines() or [''])[0]}")

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, [p for p in tracked("src/*.h", "include/*.h") if p.name != "banned.h" and "_table.h" not in p.name]))


def compiled():
    """Every source file is built, every test runs, every fuzz target has something to begin with."""
    have = {e["file"] for preset in ("release-gcc", "release-clang")
            for e in json.loads((ROOT / "build" / preset / "compile_commands.json").read_text())}
    for path in tracked("src/*.c", "tests/*.c"):
        if str(path) not in have:
            fault(f"{path.relative_to(ROOT)} is compiled by nobody")
    listed = run("ctest", "--test-dir", str(BUILD), "--show-only=json-v1")
    for path in tracked("tests/system/test_*.py"):
        if path.name not in listed and path.stem not in listed:
            fault(f"{path.relative_to(ROOT)} is run by no test")
    for path in tracked("tests/fuzz/*.cmake"):
        for target in re.findall(r"cs_fuzz\((\w+)", path.read_text()):
            if not any(p.stat().st_size > 0 for p in tracked(f"tests/fuzz/corpus/{target}/*")):
                fault(f"{target} has no corpus")


def rooms():
    """A pure room links pure rooms only, no room links itself by way of others, and the document's table is the code."""
    for path in tracked("src/*/CMakeLists.txt"):
        text = re.sub(r"#.*", "", path.read_text())
        for name, body in re.findall(r"cs_room\((\w+)([^)]*)\)", text):
            deps = re.search(r"\bDEPS\b((?:\s+[a-z]\w*)+)", body)
            ROOMS[name] = deps.group(1).split() if deps else []
    for room in [*PURE, *PARSERS]:
        for dep in ROOMS[room]:
            if dep not in PURE:
                fault(f"{room} is pure and links {dep}, which is not")
    left = dict(ROOMS)
    while free := [room for room, deps in left.items() if not any(d in left for d in deps)]:
        for room in free:
            del left[room]
    if left:
        fault(f"these rooms link each other in a circle: {' '.join(sorted(left))}")
    table = {}
    for row in re.findall(r"^\| (?!room )([a-z]+) \|.*\| ([a-z –]+) \|$", section("docs/architecture.md", "Rooms"), re.M):
        table[row[0]] = [] if row[1] == "–" else row[1].split()
    for room in sorted(ROOMS.keys() | table.keys()):
        if room not in ROOMS or room not in table or sorted(ROOMS[room]) != sorted(table[room]):
            fault(f"docs/architecture.md says that {room} links {table.get(room)}; it links {ROOMS.get(room)}")


def undefined(path):
    return {line.split()[-1].split("@")[0] for line in run("nm", "-u", str(path)).splitlines() if line.strip().startswith("U ")}


def defined(path):
    return {line.split()[-1] for line in run("nm", "--defined-only", str(path)).splitlines() if len(line.split()) == 3}


def imports(who, have, allowed):
    for name in sorted(have - allowed - LINKER):
        fault(f"{who} imports {name}, which tests/lint/lint.py does not allow it")
    for name in sorted(allowed - have):
        fault(f"tests/lint/lint.py allows {who} to import {name}, which it does not")


def symbols():
    archives = {room: BUILD / "src" / room / f"lib{room}.a" for room in [*PURE, *PARSERS]}
    own = set().union(*(defined(path) for path in archives.values()))
    for room, path in archives.items():
        imports(f"lib{room}.a", undefined(path) - own, set({**PURE, **PARSERS}[room].split()))
    pure = set(" ".join(PURE.values()).split())
    imports("countersign-audit", undefined(BUILD / "bin/countersign-audit") - pure, set(AUDIT.split()))
    for program in sorted((BUILD / "bin").iterdir()):
        if program.name not in ("countersign", "countersign-http") and any(n.startswith("XML_") for n in undefined(program)):
            fault(f"{program.name} links expat, which only countersign and countersign-http may")
        if program.name != "countersign" and any(name.startswith("yaml_") for name in undefined(program)):
            fault(f"{program.name} links libyaml, which only countersign may")


def reason_codes():
    header = (ROOT / "src/policy/policy_reason.h").read_text()
    codes = dict(re.findall(r'X\(REASON_\w+,[\s\\]*"(\w+)",[\s\\]*"([^"]*)"\)', header))
    if len(codes) != len(re.findall(r"X\(REASON_", header)):
        fault("src/policy/policy_reason.h: not every reason could be read")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|$", section("docs/policy.md", "Reason codes"), re.M))
    tests = "".join(p.read_text() for room in ("unit", "system") for p in tracked(f"tests/{room}/*") if p.suffix in (".c", ".py"))
    for code in codes:
        if f'"{code}"' not in tests and not re.search(rf"\bREASON_{code.upper()}\b", tests):
            fault(f"reason {code}: no test names it")
    for code in sorted(codes.keys() | rows.keys()):
        if codes.get(code) != rows.get(code):
            fault(f"reason {code}: docs/policy.md says {rows.get(code)!r}, the code {codes.get(code)!r}")


def decisions():
    """docs/adr: numbers are given once; each says what was decided, why, at what cost, what else, and what holds it."""
    pages = sorted(tracked("docs/adr/*"))
    for page, after in zip(pages, [*pages[1:], None]):
        number = page.name[:4]
        text = page.read_text()
        if after and after.name[:4] == number:
            fault(f"docs/adr: {page.name} and {after.name} have one number")
        if not text.startswith(f"# {number}: "):
            fault(f"{page.name} does not begin with its number")
        for part in ("Decision", "Because", "Cost", "Refused", "Held by"):
            if f"\n**{part}" not in text:
                fault(f"{page.name} has no part {part!r}")


def requirements():
    """docs/requirements.md: | id | what is done | where | test |, or a line of the list of what is not begun; each test
    file exists and names the id."""
    text = (ROOT / "docs/requirements.md").read_text()
    mapped = [row for row in (re.split(r"\s*\|\s*", line.strip())[1:-1] for line in text.splitlines())
              if len(row) == 4 and row[0] in REQUIREMENTS]
    ids = [row[0] for row in mapped] + re.findall(r"^- (D?\d+(?:\.\d+)?) ", text, re.M)
    for wanted in REQUIREMENTS:
        if ids.count(wanted) != 1:
            fault(f"docs/requirements.md: {wanted} stands there {ids.count(wanted)} times, not once")
    for row in mapped:
        files = re.findall(r"`([^`]+)`", row[3])
        if not files:
            fault(f"docs/requirements.md: {row[0]} names no test")
        for test in files:
            path = ROOT / test
            if not path.is_file() or not test.startswith("tests/"):
                fault(f"docs/requirements.md: {row[0]} names {test}, which is no test")
            elif not re.search(rf"(?<![\w.]){re.escape(row[0])}(?![\w.]*\d)", path.read_text(errors="replace")[:2000]):
                fault(f"{test} does not say at its start that it tests {row[0]}")


def files_named():
    """A file of this project that a text names is there."""
    name = re.compile(r"(?<![\w./<-])((?:docs|src|tests|cmake|systemd|udev|image|include)/[\w./-]+\.[a-z0-9]+)\b(?!/)")
    for path, text in prose():
        for hit in sorted(set(name.findall(text))):
            if not (ROOT / hit).exists() and not re.search(r"[A-Z]{3,}|NNNN", hit):
                fault(f"{path} names {hit}, which is not there")
        if path.endswith(".md"):
            for hit in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
                if not ((ROOT / path).parent / hit).exists():
                    fault(f"{path} links {hit}, which is not there")


def options_said(program, *words):
    r = subprocess.run([str(program), *words, "--help"], capture_output=True, text=True, timeout=10)
    return set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", r.stdout + r.stderr)), r.stdout + r.stderr


def manuals():
    """Each program has a manual page; --help, of the program and of its commands, and the page name the same options."""
    pages = {page.stem: page for page in tracked("docs/man/*")}
    said = {}
    for program in sorted((BUILD / "bin").iterdir()):
        said[program.name], usage = options_said(program)
        for command in re.findall(r"^  ([a-z][a-z-]+) +\w", usage, re.M) if "COMMAND" in usage else []:
            if f"{program.name}-{command}" in pages: # a command with a page of its own
                said[f"{program.name}-{command}"] = options_said(program, command)[0]
                said[program.name] |= {command}
                continue
            said[program.name] |= options_said(program, command)[0] | {command}
    for name in sorted(said):
        if name not in pages:
            fault(f"{name} has no manual page")
            continue
        text = re.sub(r"\\f[BIRP]", "", pages[name].read_text()).replace("\\-", "-")
        for word in sorted(said[name]):
            if not re.search(rf"(?<![\w-]){word}(?![\w-])", text):
                fault(f"{pages[name].name} does not explain {word}")
        for option in sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", text)) - set().union(*said.values())):
            fault(f"{pages[name].name} explains {option}, which no program has")
    for page in pages.values():
        r = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", str(page)], capture_output=True, text=True)
        if r.returncode != 0 or r.stderr:
            fault(f"{page.name}: {r.stderr.strip()[:200]}")


def scripts():
    for path in tracked("*.py"):
        try:
            compile(path.read_text(), str(path), "exec")
        except SyntaxError as e:
            fault(f"{path.relative_to(ROOT)}: {e}")
    for name, text in prose():
        if re.match(r"#!.*\b(ba)?sh\b", text):
            if subprocess.run(["bash", "-n", str(ROOT / name)], capture_output=True).returncode != 0:
                fault(f"{name}: not a shell script that bash can read")
    for path in tracked("*.json"):
        if "tests/fuzz" not in str(path):
            try:
                json.loads(path.read_text())
            except ValueError as e:
                fault(f"{path.relative_to(ROOT)}: {e}")


for check in (licences, this_machine, headers_alone, compiled, rooms, symbols, reason_codes, decisions, requirements,
              files_named, manuals, scripts):
    before = len(faults)
    check()
    print(f"{check.__name__}: {'clean' if len(faults) == before else f'{len(faults) - before} faults'}")
for text in faults:
    print("  " + text)
sys.exit(1 if faults else 0)
