/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token_fido_run with a soft key at the other end of a pty, in one process: every pause of libfido2 is where the key
 * gets to work. Here the k-th allocation of the host fails, of libfido2 and libcrypto too, until a run passes without.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "softkey/softkey_hid.h"
#include "token/token_fido.h"

enum { TIMEOUT_MS = 10000, ARENA_BYTES = 1 << 20 };

/* --- allocations that fail --- */

static bool counting;
static size_t fail_at; /* 0: never */
static size_t calls;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(SANITIZED) || defined(__SANITIZE_ADDRESS__)
static const bool may_fail = false; /* the sanitizer has its own allocator */
#else
static const bool may_fail = true;

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *p, size_t n);

static bool fails_now(void)
{
    if (!counting) {
        return false;
    }
    calls++;
    return calls == fail_at;
}

__attribute__((visibility("default"))) void *malloc(size_t __size)
{
    return fails_now() ? NULL : __libc_malloc(__size);
}

__attribute__((visibility("default"))) void *calloc(size_t __nmemb, size_t __size)
{
    return fails_now() ? NULL : __libc_calloc(__nmemb, __size);
}

__attribute__((visibility("default"))) void *realloc(void *__ptr, size_t __size)
{
    return fails_now() ? NULL : __libc_realloc(__ptr, __size);
}
#endif

/* --- a key that talks faster than anybody reads --- */

enum { FLOOD_MAX = 100000 };

static bool flooding;
static unsigned flooded;
static uint8_t flood[SOFTKEY_REPORT_BYTES]; /* a keepalive of the channel that is used */

ssize_t __real_read(int fd, void *buf, size_t n);
ssize_t __wrap_read(int fd, void *buf, size_t n);

ssize_t __wrap_read(int fd, void *buf, size_t n)
{
    if (flooding && n == sizeof(flood)) {
        flooding = ++flooded < FLOOD_MAX;
        memcpy(buf, flood, n);
        return (ssize_t)n;
    }
    return __real_read(fd, buf, n);
}

/* --- a key on the desk --- */

enum finger { FINGER_TOUCHES, FINGER_STAYS_AWAY, FINGER_CANCELS, FINGER_PULLS_OUT };

struct desk {
    struct softkey_ca ca;
    struct softkey_core core;
    struct softkey_hid hid;
    int key_fd;
    int host_fd; /* held open, so that the host may come and go */
    uint8_t frame[1 + SOFTKEY_REPORT_BYTES];
    size_t frame_len;
    enum finger finger;
    bool chatter;   /* another channel of the same key talks too */
    bool protects;  /* the key makes credProtect 3 of whatever it is asked for */
    size_t matched; /* letters of the extension's name */
    unsigned touches_told;
    unsigned waits;
    struct token_device device;
    struct token_secret pin;
    struct arena arena;
    struct token_outcome out;
    struct span id; /* of the credential that enrol made */
    uint8_t id_bytes[SOFTKEY_ID_BYTES];
};

/* Changes the level behind "credProtect", which may lie in the next report. */
static void raise_protection(struct desk *d, uint8_t *report)
{
    static const uint8_t name[] = "credProtect";

    for (size_t i = (report[4] & 0x80u) != 0 ? 7 : 5; i < SOFTKEY_REPORT_BYTES; i++) {
        if (name[d->matched] == 0) {
            if (report[i] == FIDO_CRED_PROT_UV_OPTIONAL_WITH_ID) { /* not so where the key lists its extensions */
                report[i] = FIDO_CRED_PROT_UV_REQUIRED;
            }
            d->matched = 0;
        } else {
            d->matched = report[i] == name[d->matched] ? d->matched + 1 : 0;
        }
    }
}

static void to_host(void *ctx, const uint8_t *report)
{
    struct desk *d = ctx;
    uint8_t sent[SOFTKEY_REPORT_BYTES];

    memcpy(sent, report, sizeof(sent));
    if (d->chatter) {
        sent[0] ^= 1u; /* the same answer to somebody else */
        assert_int_equal(write(d->key_fd, sent, sizeof(sent)), sizeof(sent));
        sent[0] ^= 1u;
    }
    if (d->protects) {
        raise_protection(d, sent);
    }
    assert_int_equal(write(d->key_fd, sent, sizeof(sent)), sizeof(sent));
}

static void key_works(struct desk *d)
{
    ssize_t n = read(d->key_fd, d->frame + d->frame_len, sizeof(d->frame) - d->frame_len);

    while (n > 0) {
        d->frame_len += (size_t)n;
        if (d->frame_len == sizeof(d->frame)) {
            d->frame_len = 0;
            if (!softkey_has(d->core.faults, SOFTKEY_FAULT_MUTE)) {
                softkey_hid_report(&d->hid, d->frame + 1, token_clock_ms());
            }
        }
        n = read(d->key_fd, d->frame + d->frame_len, sizeof(d->frame) - d->frame_len);
    }
    softkey_hid_tick(&d->hid, token_clock_ms());
}

static enum token_wake on_wait(void *ctx, int fd, uint64_t until_ms)
{
    struct desk *d = ctx;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    enum token_wake wake = TOKEN_WAKE_TIME;

    counting = false;
    d->waits++;
    for (bool done = false; !done; done = done || token_clock_ms() >= until_ms) {
        key_works(d);
        const bool blinks = d->hid.state == SOFTKEY_BLINKING && d->touches_told > 0;
        if (poll(&p, 1, 0) > 0) {
            wake = TOKEN_WAKE_READY;
            done = true;
        } else if (blinks && d->finger == FINGER_TOUCHES) {
            (void)softkey_hid_touch(&d->hid, token_clock_ms());
        } else if (blinks && d->finger == FINGER_CANCELS) {
            wake = TOKEN_WAKE_CANCEL;
            done = true;
        } else if (blinks && d->finger == FINGER_PULLS_OUT) {
            wake = TOKEN_WAKE_REMOVED;
            done = true;
        } else {
            (void)poll(&p, 1, 1);
        }
    }
    counting = may_fail && fail_at != 0;
    return wake;
}

static void on_touch(void *ctx)
{
    struct desk *d = ctx;

    d->touches_told++;
}

static void put_on_desk(struct desk *d)
{
    struct termios tio;

    d->key_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    assert_true(d->key_fd >= 0 && grantpt(d->key_fd) == 0 && unlockpt(d->key_fd) == 0);
    assert_int_equal(ptsname_r(d->key_fd, d->device.path, sizeof(d->device.path)), 0);
    d->host_fd = open(d->device.path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(d->host_fd >= 0 && tcgetattr(d->host_fd, &tio) == 0);
    cfmakeraw(&tio);
    tio.c_cc[VMIN] = SOFTKEY_REPORT_BYTES; /* whole reports or nothing, as hidraw */
    tio.c_cc[VTIME] = 0;
    assert_int_equal(tcsetattr(d->host_fd, TCSANOW, &tio), 0);
}

static const struct token_command sign_command = {
    .cmd = TOKEN_CMD_SIGN,
    .op = 1,
    .client_data = {.p = (const uint8_t *)"{}", .left = 2},
    .id_count = 1,
    .rp_id = "a.b",
    .timeout_ms = TIMEOUT_MS,
};

static enum token_code run(struct desk *d, struct token_command cmd)
{
    const struct token_wait wait = {.wait = on_wait, .touch = on_touch, .ctx = d};

    if (cmd.id_count == 1) {
        cmd.ids = &d->id;
    }
    d->touches_told = 0;
    d->waits = 0;
    d->frame_len = 0;
    arena_reset(&d->arena);
    counting = may_fail && fail_at != 0;
    calls = 0;
    token_fido_run(&cmd, &d->pin, &d->device, &wait, &d->arena, &d->out);
    counting = false;
    return d->out.code;
}

static enum token_code enrol(struct desk *d)
{
    const struct token_command cmd = {.cmd = TOKEN_CMD_ENROL,
                                      .op = 1,
                                      .client_data = SPAN_LIT("{}"),
                                      .rp_id = "a.b",
                                      .timeout_ms = TIMEOUT_MS,
                                      .user_id = SPAN_LIT("u"),
                                      .user_name = "olga"};

    return run(d, cmd);
}

static int set_up(void **state)
{
    static const uint8_t seed[SOFTKEY_HASH_BYTES] = {1};
    uint8_t digest[SHA256_DIGEST_LENGTH];
    struct desk *d = calloc(1, sizeof(*d));

    assert_non_null(d);
    fail_at = 0;
    token_fido_init();
    assert_true(softkey_ca_init(&d->ca, seed));
    softkey_store_new(&d->core.store);
    d->core.ca = &d->ca;
    d->core.protocols = 1u << 1 | 1u << 2;
    d->hid.core = &d->core;
    d->hid.send = to_host;
    d->hid.send_ctx = d;
    memcpy(d->pin.text, "2468", sizeof("2468"));
    assert_non_null(SHA256((const uint8_t *)"2468", 4, digest));
    memcpy(d->core.store.pin_hash, digest, SOFTKEY_PIN_HASH_BYTES);
    d->core.store.pin_set = true;
    softkey_core_power(&d->core, token_clock_ms());
    softkey_hid_power(&d->hid);
    arena_init(&d->arena, ARENA_BYTES);
    put_on_desk(d);
    assert_int_equal(enrol(d), TOKEN_OK);
    assert_int_equal(d->out.credential.left, sizeof(d->id_bytes));
    memcpy(d->id_bytes, d->out.credential.p, sizeof(d->id_bytes));
    d->id = SPAN_OF(d->id_bytes);
    *state = d;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *d = *state;

    softkey_core_release(&d->core);
    softkey_ca_release(&d->ca);
    arena_release(&d->arena);
    (void)close(d->host_fd);
    (void)close(d->key_fd);
    free(d);
    return 0;
}

static unsigned open_descriptors(void)
{
    unsigned n = 0;
    DIR *dir = opendir("/proc/self/fd");

    assert_non_null(dir);
    while (readdir(dir) != NULL) { /* NOLINT(concurrency-mt-unsafe): one thread */
        n++;
    }
    assert_int_equal(closedir(dir), 0);
    return n;
}

static void power_anew(struct desk *d)
{
    d->core.store.retries = SOFTKEY_PIN_RETRIES;
    softkey_core_power(&d->core, token_clock_ms());
    softkey_hid_power(&d->hid);
    assert_int_equal(tcflush(d->host_fd, TCIOFLUSH), 0);
}

/* --- tests --- */

static void signs(void **state)
{
    struct desk *d = *state;
    const struct token_command identify = {.cmd = TOKEN_CMD_IDENTIFY, .op = 1, .id_count = 1, .rp_id = "a.b"};

    assert_int_equal(run(d, sign_command), TOKEN_OK);
    assert_int_equal(d->touches_told, 1);
    assert_true(span_eq(d->out.credential, d->id));
    assert_int_equal(d->out.auth_data.left, 37);
    assert_int_equal(run(d, identify), TOKEN_OK);
    assert_int_equal(d->touches_told, 0);
    assert_int_equal(enrol(d), TOKEN_OK);
    assert_int_equal(d->out.key.p[26], 4);
}

/* There is always one more report to read: the deadline comes all the same, whoever waits for us. */
static void ends_in_time_in_a_flood(void **state)
{
    struct desk *d = *state;
    struct token_command brief = sign_command;

    brief.timeout_ms = 200;
    d->core.faults = SOFTKEY_BIT(FLOOD);
    assert_int_equal(run(d, brief), TOKEN_TIMEOUT);
    d->core.faults = 0;
    power_anew(d);
    assert_int_equal(run(d, sign_command), TOKEN_OK);
}

/* Of several keys, one that talks without end is looked at like the others: a bounded time. */
static void a_flood_keeps_no_other_key_waiting(void **state)
{
    struct desk *d = *state;
    const struct token_wait wait = {.wait = on_wait, .touch = on_touch, .ctx = d};
    struct token_hid hid;
    fido_dev_t *dev = fido_dev_new();
    int touched = 1;

    assert_non_null(dev);
    token_hid_init(&hid, &wait, token_clock_ms() + TIMEOUT_MS);
    hid.touch_told = true;
    assert_int_equal(token_hid_open(&hid, dev, d->device.path), FIDO_OK);
    assert_int_equal(fido_dev_get_touch_begin(dev), FIDO_OK);
    memcpy(flood, hid.cid, sizeof(hid.cid));
    memcpy(flood + 4, "\xbb\x00\x01\x02", 4); /* keepalive, of one byte: touch me */
    flooded = 0;
    flooding = true;
    hid.peek = true;
    hid.taken = 0;
    assert_int_equal(fido_dev_get_touch_status(dev, &touched, 100), FIDO_OK);
    flooding = false;
    assert_int_equal(touched, 0);
    assert_in_range(flooded, 1, 64);
    assert_int_equal(hid.end, TOKEN_END_NONE);
    token_hid_withdraw(&hid);
    (void)fido_dev_close(dev);
    fido_dev_free(&dev);
    power_anew(d);
    assert_int_equal(run(d, sign_command), TOKEN_OK);
}

static void tells_why_it_ended(void **state)
{
    struct desk *d = *state;
    struct token_command brief = sign_command;

    d->finger = FINGER_CANCELS;
    assert_int_equal(run(d, sign_command), TOKEN_CANCELLED);
    d->finger = FINGER_PULLS_OUT;
    assert_int_equal(run(d, sign_command), TOKEN_REMOVED);
    power_anew(d);
    d->finger = FINGER_STAYS_AWAY;
    brief.timeout_ms = 400;
    assert_int_equal(run(d, brief), TOKEN_TIMEOUT);
    d->finger = FINGER_TOUCHES;
    assert_int_equal(run(d, sign_command), TOKEN_OK);
}

/* A pulled-out key's node hangs up, without anybody telling of it. */
static void hang_up_is_removal(void **state)
{
    struct desk *d = *state;

    (void)close(d->host_fd);
    (void)close(d->key_fd);
    assert_int_equal(run(d, sign_command), TOKEN_REMOVED);
    put_on_desk(d);
    power_anew(d);
    assert_int_equal(run(d, sign_command), TOKEN_OK);
}

static void other_channels_are_skipped(void **state)
{
    struct desk *d = *state;

    d->chatter = true;
    assert_int_equal(run(d, sign_command), TOKEN_OK);
    assert_int_equal(enrol(d), TOKEN_OK);
}

/* A credential that could never be found again without a PIN is not enrolled. */
static void raised_protection_is_refused(void **state)
{
    struct desk *d = *state;

    d->protects = true;
    assert_int_equal(enrol(d), TOKEN_UNSUPPORTED);
}

static void descriptors_stay(void **state)
{
    struct desk *d = *state;
    const unsigned before = open_descriptors();

    assert_int_equal(run(d, sign_command), TOKEN_OK);
    d->finger = FINGER_CANCELS;
    assert_int_equal(run(d, sign_command), TOKEN_CANCELLED);
    assert_int_equal(open_descriptors(), before);
}

static void sweep(struct desk *d, struct token_command cmd)
{
    const unsigned before = open_descriptors();
    size_t refused = 0;
    bool done = !may_fail;

    for (size_t k = 1; !done; k++) {
        fail_at = k;
        const enum token_code code = run(d, cmd);
        done = calls < k;
        fail_at = 0;
        refused += code != TOKEN_OK ? 1u : 0u;
        assert_true(!done || code == TOKEN_OK);
        if (code == TOKEN_OK) { /* libfido2 can do without some; what it gives must be whole all the same */
            assert_true(d->out.auth_data.left >= 37 && d->out.sig.left >= 8 && span_eq(d->out.credential, d->id));
        }
        assert_int_equal(open_descriptors(), before);
        power_anew(d);
    }
    assert_true(!may_fail || refused > 20);
    assert_int_equal(run(d, cmd), TOKEN_OK);
}

static void allocation_sweep(void **state)
{
    sweep(*state, sign_command);
}

/* In KiB, of this process and so of the soft key too. */
static unsigned long resident_kib(void)
{
    char line[128];
    unsigned long kib = 0;
    FILE *f = fopen("/proc/self/status", "re");

    assert_non_null(f);
    while (fgets(line, sizeof(line), f) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kib = strtoul(line + 6, NULL, 10);
        }
    }
    assert_int_equal(fclose(f), 0);
    return kib;
}

static void sign_often(struct desk *d, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(run(d, sign_command), TOKEN_OK);
    }
}

static void memory_stays(void **state)
{
    struct desk *d = *state;

    sign_often(d, 100);
    const unsigned long before_kib = resident_kib();
    sign_often(d, may_fail ? 2000 : 100);
    const unsigned long after_kib = resident_kib();
    assert_true(!may_fail || after_kib <= before_kib + 128); /* a sanitizer keeps what was freed for a while */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(signs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ends_in_time_in_a_flood, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_flood_keeps_no_other_key_waiting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_why_it_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hang_up_is_removal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_channels_are_skipped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(raised_protection_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(descriptors_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(allocation_sweep, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_stays, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
