/* SPDX-License-Identifier: Apache-2.0 */
/* The soft key as the token agent will see it: through libfido2 and libudev, unchanged. Run by `softkey -- test_softkey
 * SOCK STATE`, so that both are in one test bed. */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <fido.h>
#include <fido/es256.h>
#include <inttypes.h>
#include <libudev.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "softkey_cert.h"
#include "softkey_dial.h"

static const char *control;
static const char *state_dir;
static const char rp[] = "approval.example";
static const char pin[] = "2580-ABCD";

/* --- driving the soft keys --- */

static void ask(const char *command, char answer[SOFTKEY_DIAL_LINE_MAX])
{
    if (!softkey_dial(control, command, answer)) {
        fail_msg("%s: no answer", command);
    }
}

static void tell(const char *command)
{
    char answer[SOFTKEY_DIAL_LINE_MAX];

    ask(command, answer);
    if (strncmp(answer, "ok", 2) != 0) {
        fail_msg("%s: %s", command, answer);
    }
}

static bool status_has(const char *name, const char *word)
{
    char command[64];
    char answer[SOFTKEY_DIAL_LINE_MAX];

    (void)snprintf(command, sizeof(command), "status %s", name);
    ask(command, answer);
    return strstr(answer, word) != NULL;
}

/* Puts a key in and says where it is. */
static void insert(const char *name, char ret_node[32])
{
    char command[64];
    char answer[SOFTKEY_DIAL_LINE_MAX];

    (void)snprintf(command, sizeof(command), "insert %s", name);
    ask(command, answer);
    assert_int_equal(sscanf(answer, "ok %31s", ret_node), 1);
}

static void pause_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}

/* What another hand does once a key blinks. */
struct hand {
    const char *key;
    const char *command; /* NULL: cancel */
    fido_dev_t *dev;
    pthread_t thread;
    bool acted;
};

static void *hand_main(void *ctx)
{
    struct hand *h = ctx;
    char command[64];
    char answer[SOFTKEY_DIAL_LINE_MAX];

    (void)snprintf(command, sizeof(command), "status %s", h->key);
    for (int i = 0; i < 500; i++) {
        if (softkey_dial(control, command, answer) && strstr(answer, "blinking") != NULL) {
            pause_ms(150); /* so that a keepalive goes out */
            h->acted =
                h->command == NULL ? fido_dev_cancel(h->dev) == FIDO_OK : softkey_dial(control, h->command, answer);
            return NULL;
        }
        pause_ms(10);
    }
    return NULL;
}

static void hand_start(struct hand *h)
{
    assert_int_equal(pthread_create(&h->thread, NULL, hand_main, h), 0);
}

static void hand_join(struct hand *h)
{
    assert_int_equal(pthread_join(h->thread, NULL), 0);
    assert_true(h->acted);
}

/* --- libfido2 --- */

static fido_dev_t *open_key(const char *node)
{
    fido_dev_t *dev = fido_dev_new();

    assert_non_null(dev);
    assert_int_equal(fido_dev_set_timeout(dev, 5000), FIDO_OK);
    const int r = fido_dev_open(dev, node);
    if (r != FIDO_OK) {
        fail_msg("open %s: %s", node, fido_strerr(r));
    }
    return dev;
}

static void close_key(fido_dev_t *dev)
{
    (void)fido_dev_close(dev);
    fido_dev_free(&dev);
}

static const uint8_t hash[32] = {1, 2, 3};

/* Registers and verifies; the credential is the caller's. */
static fido_cred_t *new_cred(int protect, bool resident)
{
    static const uint8_t user[] = {7, 7, 7};
    fido_cred_t *cred = fido_cred_new();

    assert_int_equal(fido_cred_set_type(cred, COSE_ES256), FIDO_OK);
    assert_int_equal(fido_cred_set_clientdata_hash(cred, hash, sizeof(hash)), FIDO_OK);
    assert_int_equal(fido_cred_set_rp(cred, rp, "Approval"), FIDO_OK);
    assert_int_equal(fido_cred_set_user(cred, user, sizeof(user), "ann", "Ann", NULL), FIDO_OK);
    if (protect > 0) {
        assert_int_equal(fido_cred_set_prot(cred, protect), FIDO_OK);
    }
    if (resident) {
        assert_int_equal(fido_cred_set_rk(cred, FIDO_OPT_TRUE), FIDO_OK);
    }
    return cred;
}

static void register_on(fido_dev_t *dev, const char *with_pin, fido_cred_t *cred)
{
    const int r = fido_dev_make_cred(dev, cred, with_pin);
    if (r != FIDO_OK) {
        fail_msg("make_cred: %s", fido_strerr(r));
    }
    assert_int_equal(fido_cred_set_uv(cred, with_pin == NULL ? FIDO_OPT_OMIT : FIDO_OPT_TRUE), FIDO_OK);
    assert_int_equal(fido_cred_verify(cred), FIDO_OK);
}

static fido_assert_t *new_assert(const fido_cred_t *allow)
{
    fido_assert_t *a = fido_assert_new();

    assert_int_equal(fido_assert_set_rp(a, rp), FIDO_OK);
    assert_int_equal(fido_assert_set_clientdata_hash(a, hash, sizeof(hash)), FIDO_OK);
    if (allow != NULL) {
        assert_int_equal(fido_assert_allow_cred(a, fido_cred_id_ptr(allow), fido_cred_id_len(allow)), FIDO_OK);
    }
    return a;
}

/* FIDO_OK when the assertion is by `cred`, with touch and, if asked, PIN. */
static int verify(fido_assert_t *a, const fido_cred_t *cred, bool uv)
{
    es256_pk_t *pk = es256_pk_new();

    assert_int_equal(es256_pk_from_ptr(pk, fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred)), FIDO_OK);
    assert_int_equal(fido_assert_set_up(a, FIDO_OPT_TRUE), FIDO_OK);
    assert_int_equal(fido_assert_set_uv(a, uv ? FIDO_OPT_TRUE : FIDO_OPT_OMIT), FIDO_OK);
    const int r = fido_assert_verify(a, 0, COSE_ES256, pk);
    es256_pk_free(&pk);
    return r;
}

/* A key of this name with the PIN set, touched whenever it asks, open. */
static fido_dev_t *ready_key(const char *name)
{
    char node[32];
    char command[64];

    insert(name, node);
    (void)snprintf(command, sizeof(command), "touch-auto %s on", name);
    tell(command);
    fido_dev_t *dev = open_key(node);
    if (!fido_dev_has_pin(dev)) {
        assert_int_equal(fido_dev_set_pin(dev, pin, NULL), FIDO_OK);
    }
    return dev;
}

static void put_away(fido_dev_t *dev, const char *name)
{
    char command[64];

    close_key(dev);
    (void)snprintf(command, sizeof(command), "remove %s", name);
    tell(command);
}

/* --- tests --- */

static size_t listed(char ret_node[32])
{
    fido_dev_info_t *list = fido_dev_info_new(8);
    size_t n = 0;

    assert_int_equal(fido_dev_info_manifest(list, 8, &n), FIDO_OK);
    for (size_t i = 0; i < n; i++) {
        const fido_dev_info_t *info = fido_dev_info_ptr(list, i);
        assert_int_equal(fido_dev_info_vendor(info), 0x1209);
        assert_string_equal(fido_dev_info_product_string(info), "Soft Key");
        (void)snprintf(ret_node, 32, "%s", fido_dev_info_path(info));
    }
    fido_dev_info_free(&list, 8);
    return n;
}

static void manifest_lists_what_is_in(void **state)
{
    char node[32];
    char seen[32];
    (void)state;

    assert_int_equal(listed(seen), 0);
    insert("one", node);
    insert("two", node);
    assert_int_equal(listed(seen), 2);
    tell("remove one");
    assert_int_equal(listed(seen), 1);
    assert_string_equal(seen, node);
    tell("remove two");
    assert_int_equal(listed(seen), 0);
}

static void expect_event(struct udev_monitor *monitor, const char *action, const char *node)
{
    struct pollfd fd = {udev_monitor_get_fd(monitor), POLLIN, 0};

    assert_int_equal(poll(&fd, 1, 2000), 1);
    struct udev_device *dev = udev_monitor_receive_device(monitor);
    assert_non_null(dev);
    assert_string_equal(udev_device_get_action(dev), action);
    assert_string_equal(udev_device_get_devnode(dev), node);
    udev_device_unref(dev);
}

static void udev_tells_of_it(void **state)
{
    char node[32];
    char again[32];
    (void)state;

    struct udev *udev = udev_new();
    struct udev_monitor *monitor = udev_monitor_new_from_netlink(udev, "udev");
    assert_non_null(monitor);
    assert_int_equal(udev_monitor_filter_add_match_subsystem_devtype(monitor, "hidraw", NULL), 0);
    assert_int_equal(udev_monitor_enable_receiving(monitor), 0);
    insert("one", node);
    expect_event(monitor, "add", node);
    tell("remove one");
    expect_event(monitor, "remove", node);
    insert("one", again);
    expect_event(monitor, "add", again);
    tell("remove one");
    expect_event(monitor, "remove", again);
    udev_monitor_unref(monitor);
    udev_unref(udev);
}

/* The leaf chains to the root that the soft keys wrote out. */
static void check_chain(const fido_cred_t *cred)
{
    char path[1024];
    uint8_t bytes[SOFTKEY_CERT_MAX];

    (void)snprintf(path, sizeof(path), "%s/root.der", state_dir);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    const ssize_t n = read(fd, bytes, sizeof(bytes));
    (void)close(fd);
    const uint8_t *p = bytes;
    X509 *root = d2i_X509(NULL, &p, n);
    p = fido_cred_x5c_ptr(cred);
    X509 *leaf = d2i_X509(NULL, &p, (long)fido_cred_x5c_len(cred));
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    assert_int_equal(X509_STORE_add_cert(store, root), 1);
    assert_int_equal(X509_STORE_CTX_init(ctx, store, leaf, NULL), 1);
    assert_int_equal(X509_verify_cert(ctx), 1);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    X509_free(leaf);
    X509_free(root);
}

static void registers_and_asserts(const char *name, const char *protocol)
{
    fido_dev_t *dev = ready_key(name);
    (void)protocol;

    fido_cred_t *cred = new_cred(FIDO_CRED_PROT_UV_REQUIRED, false);
    register_on(dev, pin, cred);
    assert_string_equal(fido_cred_fmt(cred), "packed");
    check_chain(cred);

    fido_assert_t *a = new_assert(cred);
    assert_int_equal(fido_dev_get_assert(dev, a, pin), FIDO_OK);
    assert_int_equal(verify(a, cred, true), FIDO_OK);
    assert_int_equal(fido_assert_sigcount(a, 0), fido_cred_sigcount(cred) + 1);
    fido_assert_free(&a);

    /* level 3: without the PIN the credential is not there */
    a = new_assert(cred);
    assert_int_equal(fido_dev_get_assert(dev, a, NULL), FIDO_ERR_NO_CREDENTIALS);
    fido_assert_free(&a);

    /* once more on the same key: excluded */
    fido_cred_t *second = new_cred(0, false);
    assert_int_equal(fido_cred_exclude(second, fido_cred_id_ptr(cred), fido_cred_id_len(cred)), FIDO_OK);
    assert_int_equal(fido_dev_make_cred(dev, second, pin), FIDO_ERR_CREDENTIAL_EXCLUDED);
    fido_cred_free(&second);

    fido_cred_free(&cred);
    put_away(dev, name);
}

static void works_with_pin_protocol_1(void **state)
{
    (void)state;
    tell("protocol p1 1");
    registers_and_asserts("p1", "1");
}

static void works_with_pin_protocol_2(void **state)
{
    (void)state;
    tell("protocol p2 2");
    registers_and_asserts("p2", "2");
}

static void changes_the_pin(void **state)
{
    fido_dev_t *dev = ready_key("change");
    int left = 0;
    (void)state;

    assert_int_equal(fido_dev_set_pin(dev, "another one", "wrong"), FIDO_ERR_PIN_INVALID);
    assert_int_equal(fido_dev_get_retry_count(dev, &left), FIDO_OK);
    assert_int_equal(left, 7);
    assert_int_equal(fido_dev_set_pin(dev, "another one", pin), FIDO_OK);
    assert_int_equal(fido_dev_set_pin(dev, "abc", "another one"), FIDO_ERR_PIN_POLICY_VIOLATION);
    fido_cred_t *cred = new_cred(0, false);
    assert_int_equal(fido_dev_make_cred(dev, cred, pin), FIDO_ERR_PIN_INVALID);
    assert_int_equal(fido_dev_make_cred(dev, cred, NULL), FIDO_ERR_PIN_REQUIRED);
    register_on(dev, "another one", cred);
    fido_cred_free(&cred);
    put_away(dev, "change");
}

/* "Which key is this?": an assertion without touch, by the ids that an approver enrolled. */
static void says_which_it_is_silently(void **state)
{
    fido_dev_t *mine = ready_key("mine");
    fido_dev_t *other = ready_key("other");
    (void)state;

    fido_cred_t *cred = new_cred(FIDO_CRED_PROT_UV_OPTIONAL_WITH_ID, false);
    register_on(mine, pin, cred);
    tell("touch-auto mine off");
    tell("touch-auto other off");
    fido_assert_t *a = new_assert(cred);
    assert_int_equal(fido_assert_set_up(a, FIDO_OPT_FALSE), FIDO_OK);
    assert_int_equal(fido_dev_get_assert(mine, a, NULL), FIDO_OK);
    assert_int_equal(fido_assert_flags(a, 0), 0);
    assert_int_not_equal(verify(a, cred, false), FIDO_OK); /* nobody touched: not a decision */
    fido_assert_free(&a);

    a = new_assert(cred);
    assert_int_equal(fido_assert_set_up(a, FIDO_OPT_FALSE), FIDO_OK);
    assert_int_equal(fido_dev_get_assert(other, a, NULL), FIDO_ERR_NO_CREDENTIALS);
    fido_assert_free(&a);
    fido_cred_free(&cred);
    put_away(mine, "mine");
    put_away(other, "other");
}

static int try_pin(const char *node, const char *text)
{
    fido_dev_t *dev = open_key(node);
    fido_assert_t *a = new_assert(NULL);
    const int r = fido_dev_get_assert(dev, a, text);

    fido_assert_free(&a);
    close_key(dev);
    return r;
}

static void replug(const char *name, char ret_node[32])
{
    char command[64];

    (void)snprintf(command, sizeof(command), "remove %s", name);
    tell(command);
    insert(name, ret_node);
}

static void counts_wrong_pins(void **state)
{
    static const int want[] = {FIDO_ERR_PIN_INVALID, FIDO_ERR_PIN_INVALID, FIDO_ERR_PIN_AUTH_BLOCKED};
    char node[32];
    (void)state;

    close_key(ready_key("wrong"));
    replug("wrong", node);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(try_pin(node, "0000"), want[i]);
        }
        /* now even the right one does not help, and is not counted */
        assert_int_equal(try_pin(node, pin), FIDO_ERR_PIN_AUTH_BLOCKED);
        assert_true(status_has("wrong", round == 0 ? "retries 5 misses 3" : "retries 2 misses 3"));
        replug("wrong", node);
    }
    assert_int_equal(try_pin(node, "0000"), FIDO_ERR_PIN_INVALID);
    assert_int_equal(try_pin(node, "0000"), FIDO_ERR_PIN_BLOCKED);
    replug("wrong", node);
    assert_int_equal(try_pin(node, pin), FIDO_ERR_PIN_BLOCKED);
    tell("remove wrong");
}

static void right_pin_forgives(void **state)
{
    char node[32];
    (void)state;

    close_key(ready_key("forgive"));
    replug("forgive", node);
    assert_int_equal(try_pin(node, "0000"), FIDO_ERR_PIN_INVALID);
    assert_int_equal(try_pin(node, "0000"), FIDO_ERR_PIN_INVALID);
    assert_true(status_has("forgive", "retries 6"));
    assert_int_equal(try_pin(node, pin), FIDO_ERR_NO_CREDENTIALS);
    assert_true(status_has("forgive", "retries 8 misses 0"));
    tell("remove forgive");
}

static void wants_a_touch_and_only_then(void **state)
{
    fido_dev_t *dev = ready_key("touch");
    char answer[SOFTKEY_DIAL_LINE_MAX];
    (void)state;

    fido_cred_t *cred = new_cred(0, false);
    register_on(dev, pin, cred);
    tell("touch-auto touch off");
    ask("touch touch", answer); /* nobody asked: must not count for what comes next */
    assert_string_equal(answer, "error not asked for");

    fido_assert_t *a = new_assert(cred);
    assert_int_equal(fido_dev_set_timeout(dev, 700), FIDO_OK);
    assert_int_equal(fido_dev_get_assert(dev, a, NULL), FIDO_ERR_RX);
    assert_true(status_has("touch", "blinking"));
    assert_int_equal(fido_dev_cancel(dev), FIDO_OK);
    close_key(dev);

    char node[32];
    replug("touch", node);
    dev = open_key(node);
    struct hand hand = {.key = "touch", .command = "touch touch"};
    hand_start(&hand);
    assert_int_equal(fido_dev_get_assert(dev, a, pin), FIDO_OK);
    hand_join(&hand);
    assert_int_equal(verify(a, cred, true), FIDO_OK);
    fido_assert_free(&a);
    fido_cred_free(&cred);
    put_away(dev, "touch");
}

/* When it was touched and when its answer left: a key that takes its time says so. */
static void tells_its_times(void **state)
{
    fido_dev_t *dev = ready_key("times");
    char answer[SOFTKEY_DIAL_LINE_MAX];
    uint64_t touched_us = 0;
    uint64_t answered_us = 0;
    (void)state;

    ask("times times", answer);
    assert_string_equal(answer, "error no touch was answered");
    fido_cred_t *cred = new_cred(0, false);
    register_on(dev, pin, cred);
    fido_assert_t *a = new_assert(cred);
    tell("fault times delay-ms 120");
    assert_int_equal(fido_dev_get_assert(dev, a, pin), FIDO_OK);
    ask("times times", answer);
    /* NOLINTNEXTLINE(cert-err34-c): our own output */
    const int n = sscanf(answer, "ok touched %" SCNu64 " answered %" SCNu64, &touched_us, &answered_us);
    assert_int_equal(n, 2);
    assert_true(touched_us > 0);
    assert_true(answered_us - touched_us >= 119000); /* the delay is counted in whole ms */
    fido_assert_free(&a);
    fido_cred_free(&cred);
    put_away(dev, "times");
}

static void can_be_cancelled(void **state)
{
    fido_dev_t *dev = ready_key("cancel");
    (void)state;

    fido_cred_t *cred = new_cred(0, false);
    register_on(dev, pin, cred);
    tell("touch-auto cancel off");
    fido_assert_t *a = new_assert(cred);
    struct hand hand = {.key = "cancel", .dev = dev};
    hand_start(&hand);
    assert_int_equal(fido_dev_get_assert(dev, a, pin), FIDO_ERR_KEEPALIVE_CANCEL);
    hand_join(&hand);
    assert_true(status_has("cancel", "idle"));
    fido_assert_free(&a);
    fido_cred_free(&cred);
    put_away(dev, "cancel");
}

static void removal_ends_the_wait(void **state)
{
    fido_dev_t *dev = ready_key("pull");
    char node[32];
    (void)state;

    fido_cred_t *cred = new_cred(0, false);
    register_on(dev, pin, cred);
    tell("touch-auto pull off");
    fido_assert_t *a = new_assert(cred);
    struct hand hand = {.key = "pull", .command = "remove pull"};
    hand_start(&hand);
    assert_int_equal(fido_dev_get_assert(dev, a, pin), FIDO_ERR_RX);
    hand_join(&hand);
    close_key(dev);

    /* back in, it has forgotten the request and still knows its credential */
    insert("pull", node);
    assert_true(status_has("pull", "idle"));
    tell("touch-auto pull on");
    dev = open_key(node);
    assert_int_equal(fido_dev_get_assert(dev, a, pin), FIDO_OK);
    assert_int_equal(verify(a, cred, true), FIDO_OK);
    fido_assert_free(&a);
    fido_cred_free(&cred);
    put_away(dev, "pull");
}

static void finds_resident_credentials(void **state)
{
    static const uint8_t users[3][2] = {{1, 1}, {2, 2}, {3, 3}};
    fido_dev_t *dev = ready_key("resident");
    (void)state;

    for (size_t i = 0; i < 3; i++) {
        fido_cred_t *cred = fido_cred_new();
        assert_int_equal(fido_cred_set_type(cred, COSE_ES256), FIDO_OK);
        assert_int_equal(fido_cred_set_clientdata_hash(cred, hash, sizeof(hash)), FIDO_OK);
        assert_int_equal(fido_cred_set_rp(cred, rp, NULL), FIDO_OK);
        assert_int_equal(fido_cred_set_user(cred, users[i], 2, "ann", NULL, NULL), FIDO_OK);
        assert_int_equal(fido_cred_set_rk(cred, FIDO_OPT_TRUE), FIDO_OK);
        register_on(dev, pin, cred);
        fido_cred_free(&cred);
    }
    fido_assert_t *a = new_assert(NULL);
    assert_int_equal(fido_dev_get_assert(dev, a, pin), FIDO_OK);
    assert_int_equal(fido_assert_count(a), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fido_assert_user_id_len(a, i), 2);
        assert_memory_equal(fido_assert_user_id_ptr(a, i), users[2 - i], 2);
    }
    fido_assert_free(&a);
    put_away(dev, "resident");
}

static void resets_only_when_fresh(void **state)
{
    char node[32];
    fido_dev_t *dev = ready_key("reset");
    (void)state;

    assert_true(status_has("reset", "pin set"));
    put_away(dev, "reset");
    insert("reset", node);
    dev = open_key(node);
    assert_int_equal(fido_dev_reset(dev), FIDO_OK);
    assert_true(status_has("reset", "pin unset"));
    put_away(dev, "reset");
}

struct fault_row {
    const char *fault;
    int get;    /* what fido_dev_get_assert says */
    int verify; /* what fido_assert_verify says then */
};

static void check_fault(fido_dev_t *dev, const fido_cred_t *cred, const struct fault_row *row)
{
    char command[64];

    (void)snprintf(command, sizeof(command), "fault faulty %s", row->fault);
    tell("fault faulty none");
    tell(command);
    fido_assert_t *a = new_assert(cred);
    const int got = fido_dev_get_assert(dev, a, pin);
    if (got != row->get) {
        fail_msg("%s: get_assert %s", row->fault, fido_strerr(got));
    }
    const int verified = got == FIDO_OK ? verify(a, cred, true) : FIDO_OK;
    if (verified != row->verify) {
        fail_msg("%s: verify %s", row->fault, fido_strerr(verified));
    }
    fido_assert_free(&a);
}

static void faults_reach_the_host(void **state)
{
    static const struct fault_row rows[] = {
        {"wrong-rp", FIDO_OK, FIDO_ERR_INVALID_PARAM},
        {"no-up", FIDO_OK, FIDO_ERR_INVALID_PARAM},
        {"no-uv", FIDO_OK, FIDO_ERR_INVALID_PARAM},
        {"bad-sig", FIDO_OK, FIDO_ERR_INVALID_SIG},
        {"other-key", FIDO_OK, FIDO_ERR_INVALID_SIG},
        {"replay-counter", FIDO_OK, FIDO_OK}, /* libfido2 does not look */
        {"backup", FIDO_OK, FIDO_OK},
        {"other-id", FIDO_OK, FIDO_OK},
        {"trailing", FIDO_OK, FIDO_OK},
        {"truncate", FIDO_ERR_RX_NOT_CBOR, FIDO_OK},
        {"garbage", FIDO_ERR_RX_NOT_CBOR, FIDO_OK},
        {"delay-ms 300", FIDO_OK, FIDO_OK},
    };
    fido_dev_t *dev = ready_key("faulty");
    (void)state;

    fido_cred_t *cred = new_cred(0, false);
    register_on(dev, pin, cred);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_fault(dev, cred, &rows[i]);
    }
    tell("fault faulty none");
    fido_cred_free(&cred);
    put_away(dev, "faulty");
}

/* What fido_cred_verify says of a registration gone wrong; where it is content, the daemon must look itself. */
static void registration_faults_reach_the_host(void **state)
{
    static const struct fault_row rows[] = {
        {"none", FIDO_OK, FIDO_OK},
        {"no-cred-protect", FIDO_OK, FIDO_ERR_INVALID_PARAM},
        {"wrong-rp", FIDO_OK, FIDO_ERR_INVALID_PARAM},
        {"no-up", FIDO_OK, FIDO_ERR_INVALID_PARAM},
        {"no-uv", FIDO_OK, FIDO_ERR_INVALID_PARAM},
        {"bad-sig", FIDO_OK, FIDO_ERR_INVALID_SIG},
        {"self-attest", FIDO_OK, FIDO_ERR_INVALID_ARGUMENT},
        {"none-attest", FIDO_OK, FIDO_ERR_INVALID_ARGUMENT},
        {"other-aaguid", FIDO_OK, FIDO_OK},
        {"expired-cert", FIDO_OK, FIDO_OK},
        {"ca-true", FIDO_OK, FIDO_OK},
        {"other-root", FIDO_OK, FIDO_OK},
        {"garbage", FIDO_ERR_RX_NOT_CBOR, FIDO_OK},
    };
    fido_dev_t *dev = ready_key("botched");
    char command[64];
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)snprintf(command, sizeof(command), "fault botched %s", rows[i].fault);
        tell("fault botched none");
        tell(command);
        fido_cred_t *cred = new_cred(FIDO_CRED_PROT_UV_REQUIRED, false);
        const int got = fido_dev_make_cred(dev, cred, pin);
        assert_int_equal(fido_cred_set_uv(cred, FIDO_OPT_TRUE), FIDO_OK);
        const int verified = got == FIDO_OK ? fido_cred_verify(cred) : FIDO_OK;
        if (got != rows[i].get || verified != rows[i].verify) {
            fail_msg("%s: make_cred %s, verify %s", rows[i].fault, fido_strerr(got), fido_strerr(verified));
        }
        fido_cred_free(&cred);
    }
    tell("fault botched none");
    put_away(dev, "botched");
}

static void a_mute_key_times_out(void **state)
{
    char node[32];
    (void)state;

    insert("mute", node);
    tell("fault mute mute");
    fido_dev_t *dev = fido_dev_new();
    assert_int_equal(fido_dev_set_timeout(dev, 300), FIDO_OK);
    assert_int_equal(fido_dev_open(dev, node), FIDO_ERR_RX);
    fido_dev_free(&dev);
    tell("fault mute none");
    put_away(open_key(node), "mute");
}

/* An answer after the cancel stays in the node; the next opener must not take it for its own. */
static void a_late_answer_is_late(void **state)
{
    fido_dev_t *dev = ready_key("late");
    char node[32];
    (void)state;

    fido_cred_t *cred = new_cred(0, false);
    register_on(dev, pin, cred);
    tell("touch-auto late off");
    tell("fault late late");
    fido_assert_t *a = new_assert(cred);
    assert_int_equal(fido_dev_set_timeout(dev, 1000), FIDO_OK);
    struct hand hand = {.key = "late", .dev = dev};
    hand_start(&hand);
    assert_int_equal(fido_dev_get_assert(dev, a, pin), FIDO_ERR_RX);
    hand_join(&hand);
    assert_true(status_has("late", "blinking"));
    tell("touch late");
    close_key(dev);

    tell("fault late none");
    tell("touch-auto late on");
    char answer[SOFTKEY_DIAL_LINE_MAX];
    ask("list", answer);
    assert_int_equal(sscanf(strstr(answer, "late:") + 5, "%31s", node), 1);
    dev = open_key(node);
    assert_int_equal(fido_dev_get_assert(dev, a, pin), FIDO_OK);
    assert_int_equal(verify(a, cred, true), FIDO_OK);
    fido_assert_free(&a);
    fido_cred_free(&cred);
    put_away(dev, "late");
}

/* The way to let a person choose among several keys. */
static void touch_chooses_among_keys(void **state)
{
    fido_dev_t *dev = ready_key("choose");
    int touched = 0;
    (void)state;

    tell("touch-auto choose off");
    assert_int_equal(fido_dev_get_touch_begin(dev), FIDO_OK);
    assert_int_equal(fido_dev_get_touch_status(dev, &touched, 50), FIDO_OK);
    assert_int_equal(touched, 0);
    tell("touch choose");
    assert_int_equal(fido_dev_get_touch_status(dev, &touched, 200), FIDO_OK);
    assert_int_equal(touched, 1);
    put_away(dev, "choose");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifest_lists_what_is_in),
        cmocka_unit_test(udev_tells_of_it),
        cmocka_unit_test(works_with_pin_protocol_1),
        cmocka_unit_test(works_with_pin_protocol_2),
        cmocka_unit_test(changes_the_pin),
        cmocka_unit_test(says_which_it_is_silently),
        cmocka_unit_test(counts_wrong_pins),
        cmocka_unit_test(right_pin_forgives),
        cmocka_unit_test(wants_a_touch_and_only_then),
        cmocka_unit_test(tells_its_times),
        cmocka_unit_test(can_be_cancelled),
        cmocka_unit_test(removal_ends_the_wait),
        cmocka_unit_test(finds_resident_credentials),
        cmocka_unit_test(resets_only_when_fresh),
        cmocka_unit_test(faults_reach_the_host),
        cmocka_unit_test(registration_faults_reach_the_host),
        cmocka_unit_test(a_mute_key_times_out),
        cmocka_unit_test(a_late_answer_is_late),
        cmocka_unit_test(touch_chooses_among_keys),
    };
    if (argc != 3) {
        (void)fprintf(stderr, "usage: softkey --state STATE --control SOCK -- test_softkey SOCK STATE\n");
        return 2;
    }
    control = argv[1];
    state_dir = argv[2];
    fido_init(FIDO_DISABLE_U2F_FALLBACK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
