/* SPDX-License-Identifier: Apache-2.0 */
#include "softcard_rack.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "softcard_link.h"
#include "softkey/softkey_store.h"

static bool path_in(const struct softcard_rack *rack, const char *name, const char *suffix,
                    char ret_path[SOFTCARD_PATH_MAX])
{
    struct writer w = wr_fixed(ret_path, SOFTCARD_PATH_MAX);

    wr_text(&w, rack->dir);
    wr_u8(&w, '/');
    wr_text(&w, name);
    wr_text(&w, suffix);
    wr_u8(&w, '\0');
    return wr_end(&w, "path").code == CS_OK;
}

static bool read_where(struct softcard_rack *rack, const char *where)
{
    const char *colon = strrchr(where, ':');
    char *end = NULL;

    if (colon == NULL || colon == where || (size_t)(colon - where) > SOFTCARD_HOST_MAX) {
        return false;
    }
    memcpy(rack->host, where, (size_t)(colon - where));
    const unsigned long port = strtoul(colon + 1, &end, 10);
    rack->port = (unsigned)port;
    return *end == '\0' && port >= 1 && port <= 65535 - SOFTCARD_READERS_MAX;
}

static bool write_roots(const struct softcard_rack *rack)
{
    char people[SOFTCARD_PATH_MAX];
    char attestation[SOFTCARD_PATH_MAX];
    const struct softcard_ca *ca = &rack->ca;

    return path_in(rack, "people", ".der", people) && path_in(rack, "attestation", ".der", attestation) &&
           softkey_store_write(people, ca->issuer_cert.der, ca->issuer_cert.len) &&
           softkey_store_write(attestation, ca->attester_cert.der, ca->attester_cert.len);
}

bool softcard_rack_init(struct softcard_rack *rack, const char *dir, const char *where)
{
    uint8_t seed[SOFTKEY_HASH_BYTES];
    char path[SOFTCARD_PATH_MAX];

    memset(rack, 0, sizeof(*rack));
    if (strlen(dir) >= sizeof(rack->dir) || !read_where(rack, where) || (mkdir(dir, 0700) != 0 && errno != EEXIST)) {
        return false;
    }
    memcpy(rack->dir, dir, strlen(dir) + 1);
    if (!path_in(rack, "cards", ".seed", path) || !softkey_store_seed(path, seed) ||
        !softcard_ca_init(&rack->ca, seed)) {
        return false;
    }
    if (!write_roots(rack)) {
        softcard_ca_release(&rack->ca);
        return false;
    }
    return true;
}

void softcard_rack_release(struct softcard_rack *rack)
{
    for (size_t i = 0; i < rack->count; i++) {
        softcard_take_out(rack->cards[i]);
        softcard_store_release(&rack->cards[i]->core.store);
        free(rack->cards[i]);
    }
    softcard_ca_release(&rack->ca);
    rack->count = 0;
}

struct softcard_card *softcard_rack_find(const struct softcard_rack *rack, const char *name)
{
    for (size_t i = 0; i < rack->count; i++) {
        if (strcmp(rack->cards[i]->name, name) == 0) {
            return rack->cards[i];
        }
    }
    return NULL;
}

bool softcard_name_fits(const char *name)
{
    const size_t len = strlen(name);

    for (size_t i = 0; i < len; i++) {
        if (isalnum((unsigned char)name[i]) == 0 && name[i] != '-' && name[i] != '_') {
            return false;
        }
    }
    return len >= 1 && len <= SOFTCARD_NAME_MAX;
}

/* A card of the file NAME.card; a new one gets what its factory gives it. */
static bool read_card(struct softcard_rack *rack, struct softcard_card *card)
{
    char path[SOFTCARD_PATH_MAX];

    if (!path_in(rack, card->name, ".card", path)) {
        return false;
    }
    const bool is_new = access(path, F_OK) != 0;
    if (!softcard_store_open(path, &card->core.store)) {
        return false;
    }
    card->core.ca = &rack->ca;
    if (is_new && !softcard_personalize(&card->core)) {
        softcard_store_release(&card->core.store);
        return false;
    }
    return true;
}

struct softcard_card *softcard_rack_load(struct softcard_rack *rack, const char *name)
{
    struct softcard_card *card = rack->count < SOFTCARD_CARDS_MAX ? calloc(1, sizeof(*card)) : NULL;

    if (card == NULL) {
        return NULL;
    }
    (void)snprintf(card->name, sizeof(card->name), "%s", name);
    card->fd = -1;
    card->touch_timeout_ms = SOFTCARD_TOUCH_TIMEOUT_MS;
    if (!read_card(rack, card)) {
        free(card);
        return NULL;
    }
    rack->cards[rack->count++] = card;
    return card;
}

/* --- in and out --- */

static bool reader_taken(const struct softcard_rack *rack, unsigned reader)
{
    for (size_t i = 0; i < rack->count; i++) {
        const struct softcard_card *card = rack->cards[i];
        if ((card->fd >= 0 || card->coming) && card->reader == reader) {
            return true;
        }
    }
    return false;
}

static int dial(const struct softcard_rack *rack, unsigned reader)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(rack->port + reader))};
    const int on = 1;

    if (inet_pton(AF_INET, rack->host, &address.sin_addr) != 1) {
        return -1;
    }
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

bool softcard_put_in(struct softcard_rack *rack, struct softcard_card *card, unsigned reader)
{
    if (reader >= SOFTCARD_READERS_MAX || card->fd >= 0 || reader_taken(rack, reader)) {
        return false;
    }
    card->fd = dial(rack, reader);
    card->reader = reader;
    return card->fd >= 0;
}

bool softcard_put_in_later(struct softcard_card *card, unsigned reader, uint64_t now_ms)
{
    if (card->fd >= 0 || card->coming) {
        return false;
    }
    card->coming = true;
    card->reader = reader;
    card->until_ms = now_ms + SOFTCARD_SWAP_MS;
    return true;
}

void softcard_take_out(struct softcard_card *card)
{
    if (card->fd >= 0) {
        (void)close(card->fd);
    }
    card->fd = -1;
    card->coming = false;
    card->powered = false;
    card->light = SOFTCARD_IDLE;
    card->endless = false;
    card->held = false;
    card->in_len = 0;
    softcard_power(&card->core);
}

/* --- answers --- */

static bool send_all(int fd, const uint8_t *bytes, size_t len)
{
    size_t at = 0;

    while (at < len) {
        const ssize_t n = send(fd, bytes + at, len - at, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    return true;
}

static void send_frame(struct softcard_card *card, const uint8_t *bytes, size_t len)
{
    const uint8_t head[2] = {(uint8_t)(len >> 8), (uint8_t)len};

    if (card->fd >= 0 && (!send_all(card->fd, head, sizeof(head)) || !send_all(card->fd, bytes, len))) {
        softcard_take_out(card); /* the reader is gone */
    }
    if (card->signing) {
        card->answered_us = softkey_now_us();
    }
}

/* Out with this card; in with the one that a swap names, later or at once. */
static void swap(struct softcard_rack *rack, struct softcard_card *card, const struct softcard_fault *fault,
                 uint64_t now_ms)
{
    struct softcard_card *other = softcard_rack_find(rack, fault->card);

    softcard_take_out(card);
    const bool ok =
        other != NULL && (fault->kind == SOFTCARD_FAULT_SWAP ? softcard_put_in_later(other, card->reader, now_ms)
                                                             : softcard_put_in(rack, other, card->reader));
    if (!ok) {
        (void)fprintf(stderr, "softcard: no card %s to swap in\n", fault->card);
    }
}

static void hand_over(struct softcard_rack *rack, struct softcard_card *card, uint64_t now_ms)
{
    const struct softcard_plan plan = card->plan;

    card->light = SOFTCARD_IDLE;
    send_frame(card, card->reply.bytes, card->reply.len);
    if (plan.on[SOFTCARD_FAULT_SWAP]) {
        swap(rack, card, &plan.what[SOFTCARD_FAULT_SWAP], now_ms);
    } else if (plan.on[SOFTCARD_FAULT_SWITCH]) {
        swap(rack, card, &plan.what[SOFTCARD_FAULT_SWITCH], now_ms);
    } else if (plan.on[SOFTCARD_FAULT_GONE_AFTER]) {
        softcard_take_out(card);
    }
}

/* The answer is made: spoil it as planned, hold it back as planned. */
static void answered(struct softcard_rack *rack, struct softcard_card *card, uint64_t now_ms)
{
    const struct softcard_plan *plan = &card->plan;

    softcard_plan_apply(plan, &card->reply);
    card->endless = plan->on[SOFTCARD_FAULT_ENDLESS];
    if (plan->on[SOFTCARD_FAULT_WRONG_LE] && card->reply.len >= 2) {
        const uint8_t sw[2] = {0x6c, (uint8_t)(card->reply.len - 2)};
        card->held = true;
        card->light = SOFTCARD_IDLE;
        send_frame(card, sw, sizeof(sw));
        return;
    }
    if (plan->on[SOFTCARD_FAULT_DELAY]) {
        card->light = SOFTCARD_BUSY;
        card->until_ms = now_ms + plan->what[SOFTCARD_FAULT_DELAY].value;
        return;
    }
    hand_over(rack, card, now_ms);
}

static void on_touch(struct softcard_rack *rack, struct softcard_card *card, bool touched, uint64_t now_ms)
{
    card->light = SOFTCARD_IDLE;
    softcard_touch(&card->core, touched, now_ms, &card->reply);
    answered(rack, card, now_ms);
}

bool softcard_finger(struct softcard_rack *rack, struct softcard_card *card, uint64_t now_ms)
{
    if (card->light != SOFTCARD_BLINKING) {
        return false;
    }
    on_touch(rack, card, true, now_ms);
    return true;
}

static void obey(struct softcard_rack *rack, struct softcard_card *card, struct span apdu, uint64_t now_ms)
{
    const struct softcard_plan *plan = &card->plan;

    if (plan->on[SOFTCARD_FAULT_ANY_PIN]) {
        card->core.any_pin = true;
    }
    if (plan->on[SOFTCARD_FAULT_SW]) {
        const uint32_t sw = plan->what[SOFTCARD_FAULT_SW].value;
        card->reply.bytes[0] = (uint8_t)(sw >> 8);
        card->reply.bytes[1] = (uint8_t)sw;
        card->reply.len = 2;
    } else {
        card->core.spoil = softcard_plan_spoil(plan);
        if (!softcard_transmit(&card->core, apdu, now_ms, &card->reply)) {
            card->light = SOFTCARD_BLINKING;
            card->until_ms = now_ms + card->touch_timeout_ms;
            return;
        }
    }
    answered(rack, card, now_ms);
}

enum { INS_AUTHENTICATE = 0x87, INS_GET_RESPONSE = 0xc0 };

static void on_apdu(struct softcard_rack *rack, struct softcard_card *card, struct span apdu, uint64_t now_ms)
{
    const uint8_t ins = apdu.left > 1 ? apdu.p[1] : 0;
    const bool again = card->held && apdu.left >= 4 && memcmp(apdu.p, card->held_header, 4) == 0;

    card->apdus++;
    if (ins == INS_AUTHENTICATE) {
        card->asked_us = softkey_now_us();
    }
    card->signing = ins == INS_AUTHENTICATE || (card->signing && ins == INS_GET_RESPONSE);
    card->held = false;
    if (again || (card->endless && ins == INS_GET_RESPONSE)) {
        send_frame(card, card->reply.bytes, card->reply.len); /* the last one, once more */
        return;
    }
    card->endless = false;
    memcpy(card->held_header, apdu.p, apdu.left < 4 ? apdu.left : 4);
    softcard_faults_fire(&card->faults, ins, &card->plan);
    if (card->plan.on[SOFTCARD_FAULT_GONE]) {
        softcard_take_out(card);
    } else if (card->plan.on[SOFTCARD_FAULT_MUTE]) {
        card->light = SOFTCARD_MUTE;
    } else {
        obey(rack, card, apdu, now_ms);
    }
}

enum { VPCD_OFF = 0, VPCD_ON = 1, VPCD_RESET = 2, VPCD_ATR = 4 };

/* What the reader itself wants. */
static void on_reader(struct softcard_card *card, uint8_t order)
{
    switch (order) {
    case VPCD_OFF:
    case VPCD_RESET:
        softcard_power(&card->core);
        break;
    case VPCD_ON:
        card->powered = true;
        softcard_power(&card->core);
        break;
    case VPCD_ATR:
        send_frame(card, softcard_atr().p, softcard_atr().left);
        break;
    default: /* a number of vpcd's that we do not know */
        break;
    }
}

static void on_frame(struct softcard_rack *rack, struct softcard_card *card, struct span frame, uint64_t now_ms)
{
    if (card->light == SOFTCARD_MUTE) {
        return;
    }
    if (frame.left == 1) {
        on_reader(card, frame.p[0]);
    } else if (frame.left > 1) {
        on_apdu(rack, card, frame, now_ms);
    }
}

/* Every whole frame; what the reader sends while an answer is due waits in the socket. */
static void read_card_fd(struct softcard_rack *rack, struct softcard_card *card, uint64_t now_ms)
{
    const int on = 1;

    /* vpcd sends a length, and the rest only once that was acknowledged: say so now, not in 40 ms */
    (void)setsockopt(card->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
    const ssize_t n = recv(card->fd, card->in + card->in_len, sizeof(card->in) - card->in_len, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        softcard_take_out(card);
        return;
    }
    card->in_len += (size_t)n;
    while (card->fd >= 0 && card->in_len >= 2) {
        const size_t len = (size_t)card->in[0] << 8 | card->in[1];
        if (card->in_len - 2 < len) {
            return;
        }
        on_frame(rack, card, span_make(card->in + 2, len), now_ms);
        if (card->fd >= 0) {
            card->in_len -= 2 + len;
            memmove(card->in, card->in + 2 + len, card->in_len);
        }
    }
}

nfds_t softcard_rack_fill(const struct softcard_rack *rack, struct pollfd ret_fds[SOFTCARD_CARDS_MAX])
{
    for (size_t i = 0; i < rack->count; i++) {
        ret_fds[i] = (struct pollfd){rack->cards[i]->fd, POLLIN, 0};
    }
    return (nfds_t)rack->count;
}

void softcard_rack_read(struct softcard_rack *rack, uint64_t now_ms)
{
    for (size_t i = 0; i < rack->count; i++) {
        if (rack->cards[i]->fd >= 0) {
            read_card_fd(rack, rack->cards[i], now_ms);
        }
    }
}

static void arrive(struct softcard_rack *rack, struct softcard_card *card)
{
    card->coming = false;
    if (!softcard_put_in(rack, card, card->reader)) {
        (void)fprintf(stderr, "softcard: no reader %u for %s\n", card->reader, card->name);
    }
}

static void tick_card(struct softcard_rack *rack, struct softcard_card *card, uint64_t now_ms)
{
    if (card->coming && now_ms >= card->until_ms) {
        arrive(rack, card);
    } else if (card->light == SOFTCARD_BLINKING && card->auto_touch) {
        on_touch(rack, card, true, now_ms);
    } else if (card->light == SOFTCARD_BLINKING && now_ms >= card->until_ms) {
        on_touch(rack, card, false, now_ms);
    } else if (card->light == SOFTCARD_BUSY && now_ms >= card->until_ms) {
        hand_over(rack, card, now_ms);
    }
}

int softcard_rack_tick(struct softcard_rack *rack, uint64_t now_ms)
{
    int soonest = -1;

    for (size_t i = 0; i < rack->count; i++) {
        struct softcard_card *card = rack->cards[i];
        tick_card(rack, card, now_ms);
        if (!card->coming && card->light != SOFTCARD_BLINKING && card->light != SOFTCARD_BUSY) {
            continue;
        }
        const uint64_t left = card->until_ms > now_ms ? card->until_ms - now_ms : 0;
        const int wait = left > 1000000 ? 1000000 : (int)left;
        if (soonest < 0 || wait < soonest) {
            soonest = wait;
        }
    }
    return soonest;
}
