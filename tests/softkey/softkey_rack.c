/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_rack.h"

#include "softkey_line.h"

#include <ctype.h>
#include <openssl/sha.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

enum { QUEUE_MAX = 16 * SOFTKEY_REPORT_BYTES };

/* One command of the control socket. */
struct ask {
    struct softkey_rack *rack;
    struct softkey_line line;
    uint64_t now_ms;
};

#define say(ask, ...) softkey_line_say((ask)->line.answer, __VA_ARGS__)

/* Appends at `*at`; false, and nothing appended, when it does not fit. */
__attribute__((format(printf, 4, 5))) static bool put(char *text, size_t cap, size_t *at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(text + *at, cap - *at, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= cap - *at) {
        text[*at] = '\0';
        return false;
    }
    *at += (size_t)n;
    return true;
}

static bool path_in(const struct softkey_rack *rack, const char *name, char ret_path[SOFTKEY_PATH_MAX])
{
    size_t at = 0;
    return put(ret_path, SOFTKEY_PATH_MAX, &at, "%s/%s", rack->dir, name);
}

bool softkey_rack_init(struct softkey_rack *rack, const char *dir, struct softkey_bed *bed)
{
    uint8_t seed[SOFTKEY_HASH_BYTES];
    char path[SOFTKEY_PATH_MAX];

    memset(rack, 0, sizeof(*rack));
    rack->bed = bed;
    if (strlen(dir) >= sizeof(rack->dir) || (mkdir(dir, 0700) != 0 && errno != EEXIST)) {
        return false;
    }
    memcpy(rack->dir, dir, strlen(dir) + 1);
    if (!path_in(rack, "root.seed", path) || !softkey_store_seed(path, seed) || !softkey_ca_init(&rack->ca, seed)) {
        return false;
    }
    if (!path_in(rack, "root.der", path) ||
        !softkey_store_write(path, rack->ca.root_cert.der, rack->ca.root_cert.len)) {
        softkey_ca_release(&rack->ca);
        return false;
    }
    return true;
}

static void take_out(struct softkey_rack *rack, struct softkey_key *key)
{
    key->inserted = false;
    key->frame_len = 0;
    softkey_hid_power(&key->hid);
    softkey_bed_unplug(rack->bed, &key->plug);
}

void softkey_rack_release(struct softkey_rack *rack)
{
    for (size_t i = 0; i < rack->count; i++) {
        struct softkey_key *key = rack->keys[i];
        if (key->inserted) {
            take_out(rack, key);
        }
        softkey_core_release(&key->core);
        free(key);
    }
    softkey_ca_release(&rack->ca);
    rack->count = 0;
}

static bool name_fits(const char *name)
{
    const size_t len = strlen(name);

    for (size_t i = 0; i < len; i++) {
        if (isalnum((unsigned char)name[i]) == 0 && name[i] != '-' && name[i] != '_') {
            return false;
        }
    }
    return len >= 1 && len <= SOFTKEY_NAME_MAX;
}

static struct softkey_key *find(const struct softkey_rack *rack, const char *name)
{
    for (size_t i = 0; i < rack->count; i++) {
        if (strcmp(rack->keys[i]->name, name) == 0) {
            return rack->keys[i];
        }
    }
    return NULL;
}

static void send_to_host(void *ctx, const uint8_t *report)
{
    struct softkey_key *key = ctx;

    /* a flood does not run over: what is waiting to be read stays whole */
    const bool full = softkey_has(key->core.faults, SOFTKEY_FAULT_FLOOD) && softkey_bed_waiting(&key->plug) > QUEUE_MAX;
    if (key->inserted && !full) {
        softkey_bed_send(&key->plug, report);
    }
    if (key->answering && key->hid.state == SOFTKEY_IDLE) { /* else it only says that it still works */
        key->answered_us = softkey_now_us();
    }
}

static struct softkey_key *load(struct softkey_rack *rack, const char *name)
{
    char path[SOFTKEY_PATH_MAX];
    char file[SOFTKEY_NAME_MAX + 8];
    struct softkey_key *key = calloc(1, sizeof(*key));

    (void)snprintf(file, sizeof(file), "%s.key", name);
    if (key == NULL || !path_in(rack, file, path) || !softkey_store_open(path, &key->core.store)) {
        free(key);
        return NULL;
    }
    (void)snprintf(key->name, sizeof(key->name), "%s", name);
    key->core.ca = &rack->ca;
    key->core.protocols = 1u << 1 | 1u << 2;
    key->hid.core = &key->core;
    key->hid.send = send_to_host;
    key->hid.send_ctx = key;
    rack->keys[rack->count++] = key;
    return key;
}

/* The key that a command names: one that is known, or read, or made now. NULL, with the answer given, if none. */
static struct softkey_key *named(const struct ask *ask)
{
    if (ask->line.count < 2 || !name_fits(ask->line.words[1])) {
        say(ask, "error name");
        return NULL;
    }
    struct softkey_key *key = find(ask->rack, ask->line.words[1]);
    if (key == NULL && ask->rack->count < SOFTKEY_KEYS_MAX) {
        key = load(ask->rack, ask->line.words[1]);
    }
    if (key == NULL) {
        say(ask, "error no room or unreadable key file");
    }
    return key;
}

static struct softkey_key *inserted(const struct ask *ask)
{
    struct softkey_key *key = named(ask);

    if (key != NULL && !key->inserted) {
        say(ask, "error not inserted");
        return NULL;
    }
    return key;
}

static bool number_taken(const struct softkey_rack *rack, unsigned number)
{
    for (size_t i = 0; i < rack->count; i++) {
        if (rack->keys[i]->inserted && rack->keys[i]->number == number) {
            return true;
        }
    }
    return false;
}

static bool port_taken(const struct softkey_rack *rack, const struct softkey_key *except, const char *port)
{
    for (size_t i = 0; i < rack->count; i++) {
        if (rack->keys[i] != except && rack->keys[i]->inserted && strcmp(rack->keys[i]->port, port) == 0) {
            return true;
        }
    }
    return false;
}

static bool port_fits(const char *port)
{
    return strspn(port, "0123456789.-") == strlen(port) && strlen(port) <= SOFTKEY_BED_PORT_MAX;
}

/* The port asked for, else the last one, else the lowest free one. */
static bool choose_port(const struct ask *ask, struct softkey_key *key)
{
    char port[SOFTKEY_BED_PORT_MAX + 1];

    if (ask->line.count > 2 && !port_fits(ask->line.words[2])) {
        return false;
    }
    if (ask->line.count > 2) {
        (void)snprintf(port, sizeof(port), "%s", ask->line.words[2]);
    } else {
        memcpy(port, key->port, sizeof(port));
    }
    for (unsigned n = 1; ask->line.count < 3 && (port[0] == '\0' || port_taken(ask->rack, key, port)); n++) {
        (void)snprintf(port, sizeof(port), "1-%u", n);
    }
    if (port_taken(ask->rack, key, port)) {
        return false;
    }
    memcpy(key->port, port, sizeof(port));
    return true;
}

static bool put_in(const struct ask *ask, struct softkey_key *key)
{
    struct softkey_rack *rack = ask->rack;
    unsigned number = 0;

    while (number_taken(rack, number)) {
        number++;
    }
    if (rack->bed == NULL || !softkey_bed_plug(rack->bed, key->port, number, &key->plug)) {
        say(ask, "error the bed refuses");
        return false;
    }
    if (!softkey_piv_insert(rack->cards, key->name, ask->now_ms)) {
        softkey_bed_unplug(rack->bed, &key->plug);
        say(ask, "error no reader for its card");
        return false;
    }
    key->number = number;
    key->inserted = true;
    softkey_core_power(&key->core, ask->now_ms);
    softkey_hid_power(&key->hid);
    return true;
}

static void do_insert(const struct ask *ask)
{
    struct softkey_key *key = named(ask);

    if (key == NULL) {
        return;
    }
    if (key->inserted) {
        say(ask, "error inserted already");
    } else if (!choose_port(ask, key)) {
        say(ask, "error port");
    } else if (put_in(ask, key)) {
        say(ask, "ok %s %s", key->plug.node, key->port);
    }
}

static void do_remove(const struct ask *ask)
{
    struct softkey_key *key = inserted(ask);

    if (key != NULL) {
        softkey_piv_remove(ask->rack->cards, key->name, ask->now_ms);
        take_out(ask->rack, key);
        say(ask, "ok");
    }
}

static void do_power(const struct ask *ask)
{
    struct softkey_key *key = inserted(ask);

    if (key == NULL) {
        return;
    }
    softkey_piv_remove(ask->rack->cards, key->name, ask->now_ms);
    take_out(ask->rack, key);
    if (put_in(ask, key)) {
        say(ask, "ok %s %s", key->plug.node, key->port);
    }
}

static bool touch(struct softkey_key *key, uint64_t now_ms)
{
    if (key->hid.state != SOFTKEY_BLINKING) {
        return false;
    }
    key->touched_us = softkey_now_us();
    key->answered_us = 0;
    key->answering = true;
    return softkey_hid_touch(&key->hid, now_ms);
}

static void do_touch(const struct ask *ask)
{
    struct softkey_key *key = inserted(ask);

    if (key == NULL) {
        return;
    }
    if (touch(key, ask->now_ms) || softkey_piv_touch(ask->rack->cards, key->name, ask->now_ms)) {
        say(ask, "ok");
    } else {
        say(ask, "error not asked for");
    }
}

static void do_touch_auto(const struct ask *ask)
{
    struct softkey_key *key = named(ask);

    if (key == NULL) {
        return;
    }
    if (ask->line.count != 3 || (strcmp(ask->line.words[2], "on") != 0 && strcmp(ask->line.words[2], "off") != 0)) {
        say(ask, "error on or off");
        return;
    }
    key->auto_touch = strcmp(ask->line.words[2], "on") == 0;
    softkey_piv_touch_auto(ask->rack->cards, key->name, key->auto_touch, ask->now_ms);
    say(ask, "ok");
}

static void do_protocol(const struct ask *ask)
{
    struct softkey_key *key = named(ask);
    const char *which = ask->line.count == 3 ? ask->line.words[2] : "";

    if (key == NULL) {
        return;
    }
    if (strcmp(which, "1") == 0) {
        key->core.protocols = 1u << 1;
    } else if (strcmp(which, "2") == 0) {
        key->core.protocols = 1u << 2;
    } else if (strcmp(which, "both") == 0) {
        key->core.protocols = 1u << 1 | 1u << 2;
    } else {
        say(ask, "error 1, 2 or both");
        return;
    }
    say(ask, "ok");
}

static const char *const fault_names[] = {
#define X(id, name, what) name,
    SOFTKEY_FAULTS(X)
#undef X
};

static bool take_delay(const struct ask *ask, struct softkey_key *key)
{
    unsigned long ms = 0;

    if (ask->line.count != 4 || !softkey_line_number(ask->line.words[3], 10, 600000, &ms)) {
        return false;
    }
    key->hid.delay_ms = (uint32_t)ms;
    return true;
}

static void do_fault(const struct ask *ask)
{
    struct softkey_key *key = named(ask);

    if (key == NULL) {
        return;
    }
    if (ask->line.count >= 3 && strcmp(ask->line.words[2], "none") == 0) {
        key->core.faults = 0;
        say(ask, "ok");
        return;
    }
    for (unsigned i = 0; ask->line.count >= 3 && i < SOFTKEY_FAULT_COUNT; i++) {
        if (strcmp(ask->line.words[2], fault_names[i]) != 0) {
            continue;
        }
        if (i == SOFTKEY_FAULT_DELAY && !take_delay(ask, key)) {
            say(ask, "error delay-ms wants 0 to 600000");
            return;
        }
        key->core.faults |= UINT32_C(1) << i;
        say(ask, "ok");
        return;
    }
    say(ask, "error no such fault");
}

/* As if its owner had set it elsewhere; what the key keeps is the left half of SHA-256(PIN). */
static void do_pin(const struct ask *ask)
{
    struct softkey_key *key = named(ask);
    uint8_t digest[SOFTKEY_HASH_BYTES];

    if (key == NULL) {
        return;
    }
    if (ask->line.count != 3 || strlen(ask->line.words[2]) < 4 || strlen(ask->line.words[2]) > 63) {
        say(ask, "error a PIN has 4 to 63 characters");
        return;
    }
    struct softkey_store *store = &key->core.store;
    (void)SHA256((const unsigned char *)ask->line.words[2], strlen(ask->line.words[2]), digest);
    memcpy(store->pin_hash, digest, sizeof(store->pin_hash));
    store->pin_set = true;
    store->retries = SOFTKEY_PIN_RETRIES;
    say(ask, "%s", softkey_store_save(store) ? "ok" : "error cannot write the key's file");
}

static void do_reader(const struct ask *ask)
{
    unsigned long number = 0;
    const char *port = ask->line.count > 2 ? ask->line.words[2] : NULL;
    if (ask->line.count < 2 || !softkey_line_number(ask->line.words[1], 10, SOFTKEY_BED_READERS_MAX - 1, &number)) {
        say(ask, "error which reader");
    } else if (port != NULL && (!port_fits(port) || port_taken(ask->rack, NULL, port))) {
        say(ask, "error port");
    } else if (ask->rack->bed == NULL || !softkey_bed_reader(ask->rack->bed, (unsigned)number, port)) {
        say(ask, "error the bed refuses");
    } else {
        say(ask, "ok");
    }
}

static const char *light(const struct softkey_key *key)
{
    switch (key->hid.state) {
    case SOFTKEY_IDLE:
    case SOFTKEY_RECEIVING:
        return "idle";
    case SOFTKEY_BLINKING:
        return "blinking";
    case SOFTKEY_DELAYING:
        return "busy";
    }
    return "idle";
}

static void list_faults(const struct softkey_key *key, char *ret_text, size_t cap)
{
    size_t at = 0;

    ret_text[0] = '\0';
    for (unsigned i = 0; i < SOFTKEY_FAULT_COUNT; i++) {
        if ((key->core.faults >> i & 1u) != 0) {
            (void)put(ret_text, cap, &at, "%s%s", at == 0 ? "" : ",", fault_names[i]);
        }
    }
}

static void do_status(const struct ask *ask)
{
    const struct softkey_key *key = named(ask);
    char faults[256];

    if (key == NULL) {
        return;
    }
    list_faults(key, faults, sizeof(faults));
    say(ask, "ok %s %s %s port %s pin %s retries %u misses %u counter %u credentials %zu winks %u faults %s",
        key->inserted ? "in" : "out", light(key), key->inserted ? key->plug.node : "-",
        key->port[0] == '\0' ? "-" : key->port, key->core.store.pin_set ? "set" : "unset",
        (unsigned)key->core.store.retries, (unsigned)key->core.pin.misses, (unsigned)key->core.store.counter,
        key->core.store.count, (unsigned)key->hid.winks, faults[0] == '\0' ? "-" : faults);
}

/* Of the last touch, by the monotonic clock. */
static void do_times(const struct ask *ask)
{
    const struct softkey_key *key = named(ask);

    if (key == NULL) {
        return;
    }
    if (key->answered_us == 0) {
        say(ask, "error no touch was answered");
        return;
    }
    say(ask, "ok touched %" PRIu64 " answered %" PRIu64, key->touched_us, key->answered_us);
}

static void do_list(const struct ask *ask)
{
    char text[SOFTKEY_LINE_MAX - 8] = "";
    size_t at = 0;

    for (size_t i = 0; i < ask->rack->count; i++) {
        const struct softkey_key *key = ask->rack->keys[i];
        (void)put(text, sizeof(text), &at, " %s:%s", key->name, key->inserted ? key->plug.node : "out");
    }
    say(ask, "ok%s", text);
}

static void do_quit(const struct ask *ask)
{
    ask->rack->quit = true;
    say(ask, "ok");
}

static const struct {
    const char *word;
    void (*run)(const struct ask *ask);
} commands[] = {
    {"insert", do_insert},         {"remove", do_remove},     {"power", do_power}, {"touch", do_touch},
    {"touch-auto", do_touch_auto}, {"protocol", do_protocol}, {"pin", do_pin},     {"fault", do_fault},
    {"status", do_status},         {"times", do_times},       {"list", do_list},   {"quit", do_quit},
    {"reader", do_reader},
};

void softkey_rack_command(struct softkey_rack *rack, const char *line, uint64_t now_ms,
                          char ret_answer[SOFTKEY_LINE_MAX])
{
    struct ask ask = {.rack = rack, .now_ms = now_ms};

    if (strncmp(line, "card ", 5) == 0) {
        softkey_piv_command(rack->cards, line + 5, now_ms, ret_answer);
        return;
    }
    if (!softkey_line_read(line, ret_answer, &ask.line)) {
        return;
    }
    for (size_t i = 0; ask.line.count > 0 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(ask.line.words[0], commands[i].word) == 0) {
            commands[i].run(&ask);
            return;
        }
    }
    say(&ask, "error no such command");
}

void softkey_rack_read(struct softkey_key *key, uint64_t now_ms)
{
    for (;;) {
        const ssize_t n = read(key->plug.key_fd, key->frame + key->frame_len, sizeof(key->frame) - key->frame_len);
        if (n <= 0) {
            return;
        }
        key->frame_len += (size_t)n;
        key->answering = false; /* whatever it says now is about something else */
        if (key->frame_len == sizeof(key->frame)) {
            key->frame_len = 0;
            if (!softkey_has(key->core.faults, SOFTKEY_FAULT_MUTE)) {
                softkey_hid_report(&key->hid, key->frame + 1, now_ms);
            }
        }
    }
}

int softkey_rack_tick(struct softkey_rack *rack, uint64_t now_ms)
{
    int soonest = -1;

    for (size_t i = 0; i < rack->count; i++) {
        struct softkey_key *key = rack->keys[i];
        if (!key->inserted) {
            continue;
        }
        softkey_hid_tick(&key->hid, now_ms);
        if (key->auto_touch) {
            (void)touch(key, now_ms);
        }
        const int wait = softkey_hid_wait_ms(&key->hid, now_ms);
        if (wait >= 0 && (soonest < 0 || wait < soonest)) {
            soonest = wait;
        }
    }
    return soonest;
}
