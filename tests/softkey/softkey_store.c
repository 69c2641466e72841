/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/rand.h>
#include <unistd.h>

/* The file, one thing a line, binary in hex, "-" for empty:
 *   softkey 1
 *   seed <hex>
 *   counter <n>
 *   next <n>
 *   pin <retries> <hash or ->
 *   credential <index> <id> <protect> <resident> <rp id> <user id> <user name or ->
 */

enum { LINE_MAX_BYTES = 1024, HEX_MAX = 2 * SOFTKEY_RP_ID_MAX + 2 };

static void random_bytes(uint8_t *ret_bytes, size_t len)
{
    if (RAND_bytes(ret_bytes, (int)len) != 1) {
        abort();
    }
}

static void to_hex(const void *bytes, size_t len, char *ret_hex)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = bytes;

    for (size_t i = 0; i < len; i++) {
        ret_hex[2 * i] = digits[p[i] >> 4];
        ret_hex[2 * i + 1] = digits[p[i] & 15];
    }
    if (len == 0) {
        *ret_hex++ = '-';
    }
    ret_hex[2 * len] = '\0';
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False when it is not hex or longer than `cap` bytes. */
static bool from_hex(const char *hex, size_t cap, uint8_t *ret_bytes, size_t *ret_len)
{
    size_t len = strlen(hex);

    if (strcmp(hex, "-") == 0) {
        *ret_len = 0;
        return true;
    }
    if (len % 2 != 0 || len / 2 > cap) {
        return false;
    }
    for (size_t i = 0; i < len / 2; i++) {
        const int high = nibble(hex[2 * i]);
        const int low = nibble(hex[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        ret_bytes[i] = (uint8_t)(high * 16 + low);
    }
    *ret_len = len / 2;
    return true;
}

static bool hex_exactly(const char *hex, size_t len, uint8_t *ret_bytes)
{
    size_t got = 0;
    return from_hex(hex, len, ret_bytes, &got) && got == len;
}

static bool hex_text(const char *hex, size_t cap, char *ret_text)
{
    uint8_t bytes[SOFTKEY_RP_ID_MAX];
    size_t len = 0;

    if (cap > sizeof(bytes) || !from_hex(hex, cap, bytes, &len)) {
        return false;
    }
    memcpy(ret_text, bytes, len);
    ret_text[len] = '\0';
    return true;
}

bool softkey_store_write(const char *path, const void *bytes, size_t len)
{
    char temp[SOFTKEY_PATH_MAX + 8];
    const int n = snprintf(temp, sizeof(temp), "%s.new", path);

    if (n < 0 || (size_t)n >= sizeof(temp)) {
        return false;
    }
    const int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    const bool written = write(fd, bytes, len) == (ssize_t)len;
    return close(fd) == 0 && written && rename(temp, path) == 0;
}

bool softkey_store_seed(const char *path, uint8_t ret_seed[SOFTKEY_HASH_BYTES])
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        random_bytes(ret_seed, SOFTKEY_HASH_BYTES);
        return errno == ENOENT && softkey_store_write(path, ret_seed, SOFTKEY_HASH_BYTES);
    }
    const bool ok = read(fd, ret_seed, SOFTKEY_HASH_BYTES) == SOFTKEY_HASH_BYTES;
    return close(fd) == 0 && ok;
}

void softkey_store_reset(struct softkey_store *store)
{
    char path[SOFTKEY_PATH_MAX];

    memcpy(path, store->path, sizeof(path));
    softkey_store_new(store);
    memcpy(store->path, path, sizeof(path));
}

void softkey_store_new(struct softkey_store *ret_store)
{
    memset(ret_store, 0, sizeof(*ret_store));
    random_bytes(ret_store->seed, sizeof(ret_store->seed));
    ret_store->retries = SOFTKEY_PIN_RETRIES;
    ret_store->counter = 1;
}

static void print_credential(FILE *f, const struct softkey_credential *c)
{
    char id[2 * SOFTKEY_ID_BYTES + 1];
    char rp[HEX_MAX];
    char user[2 * SOFTKEY_USER_ID_MAX + 2];
    char name[2 * SOFTKEY_USER_NAME_MAX + 2];

    to_hex(c->id, sizeof(c->id), id);
    to_hex(c->rp_id, strlen(c->rp_id), rp);
    to_hex(c->user_id, c->user_id_len, user);
    to_hex(c->user_name, strlen(c->user_name), name);
    (void)fprintf(f, "credential %" PRIu32 " %s %u %d %s %s %s\n", c->index, id, (unsigned)c->protect,
                  c->resident ? 1 : 0, rp, user, name);
}

bool softkey_store_save(const struct softkey_store *store)
{
    char seed[2 * SOFTKEY_HASH_BYTES + 1];
    char pin[2 * SOFTKEY_PIN_HASH_BYTES + 2];
    char *text = NULL;
    size_t len = 0;

    if (store->path[0] == '\0') {
        return true;
    }
    FILE *f = open_memstream(&text, &len);
    if (f == NULL) {
        return false;
    }
    to_hex(store->seed, sizeof(store->seed), seed);
    to_hex(store->pin_hash, store->pin_set ? sizeof(store->pin_hash) : 0, pin);
    (void)fprintf(f, "softkey 1\nseed %s\ncounter %" PRIu32 "\nnext %" PRIu32 "\npin %u %s\n", seed, store->counter,
                  store->next_index, (unsigned)store->retries, pin);
    for (size_t i = 0; i < store->count; i++) {
        print_credential(f, &store->credentials[i]);
    }
    const bool ok = fclose(f) == 0 && softkey_store_write(store->path, text, len);
    free(text);
    return ok;
}

/* A decimal of at most `max` that is all of the word. */
static bool number(const char *word, uint32_t max, uint32_t *ret_value)
{
    char *end = NULL;

    if (word[0] < '0' || word[0] > '9') {
        return false;
    }
    const unsigned long value = strtoul(word, &end, 10);
    if (*end != '\0' || value > max) {
        return false;
    }
    *ret_value = (uint32_t)value;
    return true;
}

enum { WORDS_MAX = 8 };

static size_t split(char *line, char *ret_words[WORDS_MAX])
{
    char *save = NULL;
    size_t n = 0;

    for (char *word = strtok_r(line, " \n", &save); word != NULL && n < WORDS_MAX;
         word = strtok_r(NULL, " \n", &save)) {
        ret_words[n++] = word;
    }
    return n;
}

static bool parse_credential(char *const *words, struct softkey_credential *ret_credential)
{
    struct softkey_credential c;
    uint32_t protect = 0;
    uint32_t resident = 0;

    memset(&c, 0, sizeof(c));
    if (!number(words[1], UINT32_MAX, &c.index) || !hex_exactly(words[2], sizeof(c.id), c.id) ||
        !number(words[3], 3, &protect) || !number(words[4], 1, &resident) ||
        !hex_text(words[5], SOFTKEY_RP_ID_MAX, c.rp_id) ||
        !from_hex(words[6], sizeof(c.user_id), c.user_id, &c.user_id_len) ||
        !hex_text(words[7], SOFTKEY_USER_NAME_MAX, c.user_name)) {
        return false;
    }
    c.protect = (uint8_t)protect;
    c.resident = resident == 1;
    *ret_credential = c;
    return true;
}

static bool parse_line(struct softkey_store *s, char *const *words, size_t n)
{
    uint32_t value = 0;

    if (n == 2 && strcmp(words[0], "softkey") == 0) {
        return strcmp(words[1], "1") == 0;
    }
    if (n == 2 && strcmp(words[0], "seed") == 0) {
        return hex_exactly(words[1], sizeof(s->seed), s->seed);
    }
    if (n == 2 && strcmp(words[0], "counter") == 0) {
        return number(words[1], UINT32_MAX, &s->counter);
    }
    if (n == 2 && strcmp(words[0], "next") == 0) {
        return number(words[1], UINT32_MAX, &s->next_index);
    }
    if (n == 3 && strcmp(words[0], "pin") == 0) {
        s->pin_set = strcmp(words[2], "-") != 0;
        const bool ok = number(words[1], SOFTKEY_PIN_RETRIES, &value);
        s->retries = (uint8_t)value;
        return ok && (!s->pin_set || hex_exactly(words[2], sizeof(s->pin_hash), s->pin_hash));
    }
    if (n == 8 && strcmp(words[0], "credential") == 0 && s->count < SOFTKEY_CREDENTIALS_MAX) {
        return parse_credential(words, &s->credentials[s->count++]);
    }
    return false;
}

static bool parse(FILE *f, struct softkey_store *store)
{
    char line[LINE_MAX_BYTES];
    size_t lines = 0;

    while (fgets(line, sizeof(line), f) != NULL) {
        char *words[WORDS_MAX] = {NULL};
        const size_t n = split(line, words);
        if (!parse_line(store, words, n)) {
            return false;
        }
        lines++;
    }
    return ferror(f) == 0 && lines >= 5;
}

bool softkey_store_open(const char *path, struct softkey_store *ret_store)
{
    const size_t len = strlen(path);

    if (len >= sizeof(ret_store->path)) {
        return false;
    }
    softkey_store_new(ret_store);
    memcpy(ret_store->path, path, len + 1);
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        return errno == ENOENT && softkey_store_save(ret_store);
    }
    const bool ok = parse(f, ret_store);
    return fclose(f) == 0 && ok;
}

static struct softkey_credential *slot_for(struct softkey_store *store, const struct softkey_credential *like)
{
    for (size_t i = 0; i < store->count; i++) {
        struct softkey_credential *c = &store->credentials[i];
        if (like->resident && c->resident && strcmp(c->rp_id, like->rp_id) == 0 &&
            c->user_id_len == like->user_id_len && memcmp(c->user_id, like->user_id, like->user_id_len) == 0) {
            return c;
        }
    }
    return store->count < SOFTKEY_CREDENTIALS_MAX ? &store->credentials[store->count++] : NULL;
}

struct softkey_credential *softkey_store_add(struct softkey_store *store, const struct softkey_credential *like)
{
    struct softkey_credential *c = slot_for(store, like);
    uint8_t named[sizeof(uint32_t) + 2] = {'i', 'd'};

    if (c == NULL) {
        return NULL;
    }
    *c = *like;
    c->index = store->next_index++;
    memcpy(named + 2, &c->index, sizeof(c->index));
    softkey_sha256_two(store->seed, sizeof(store->seed), named, sizeof(named), c->id);
    return c;
}

struct softkey_ec *softkey_store_key(const struct softkey_store *store, const struct softkey_credential *credential)
{
    char label[32];

    (void)snprintf(label, sizeof(label), "credential %" PRIu32, credential->index);
    return softkey_ec_from_seed(store->seed, label);
}

const struct softkey_credential *softkey_store_find(const struct softkey_store *store, const char *rp_id,
                                                    const uint8_t *id, size_t id_len)
{
    for (size_t i = 0; i < store->count; i++) {
        const struct softkey_credential *c = &store->credentials[i];
        if (id_len == SOFTKEY_ID_BYTES && memcmp(c->id, id, id_len) == 0 && strcmp(c->rp_id, rp_id) == 0) {
            return c;
        }
    }
    return NULL;
}
