/* SPDX-License-Identifier: Apache-2.0 */
#include "softcard_store.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base_text.h"
#include "softkey/softkey_store.h"

/* The file, one thing a line, bytes in hex:
 *   softcard 1
 *   serial <n>
 *   seed <bytes>
 *   pin <bytes> <tries> <most>
 *   puk <bytes> <tries> <most>
 *   manage <algorithm> <bytes>
 *   key <slot> <algorithm> <pin policy> <touch policy> <imported> <DER of the private key>
 *   object <tag> <bytes>
 */

enum { FILE_MAX_BYTES = 1 << 20, WORDS_MAX = 7 };

static const uint8_t factory_manage[24] = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8};

size_t softcard_manage_bytes(uint8_t alg)
{
    switch (alg) {
    case SOFTCARD_MANAGE_3DES:
    case SOFTCARD_MANAGE_AES192:
        return 24;
    case SOFTCARD_MANAGE_AES128:
        return 16;
    case SOFTCARD_MANAGE_AES256:
        return 32;
    default: /* a number from the wire */
        return 0;
    }
}

bool softcard_secret_set(struct softcard_secret *secret, const char *digits)
{
    const size_t len = strlen(digits);

    if (len < 6 || len > SOFTCARD_PIN_BYTES) {
        return false;
    }
    memset(secret->bytes, 0xff, sizeof(secret->bytes));
    memcpy(secret->bytes, digits, len);
    secret->tries = secret->tries_max;
    return true;
}

static void random_bytes(void *ret_bytes, size_t len)
{
    if (RAND_bytes(ret_bytes, (int)len) != 1) {
        abort();
    }
}

void softcard_store_new(struct softcard_store *ret_store)
{
    memset(ret_store, 0, sizeof(*ret_store));
    ret_store->pin.tries_max = SOFTCARD_PIN_TRIES;
    ret_store->puk.tries_max = SOFTCARD_PIN_TRIES;
    (void)softcard_secret_set(&ret_store->pin, "123456");
    (void)softcard_secret_set(&ret_store->puk, "12345678");
    ret_store->manage_alg = SOFTCARD_MANAGE_3DES;
    memcpy(ret_store->manage, factory_manage, sizeof(factory_manage));
    random_bytes(ret_store->seed, sizeof(ret_store->seed));
    random_bytes(&ret_store->serial, sizeof(ret_store->serial));
    ret_store->serial = 1 + ret_store->serial % 99999999u;
}

void softcard_store_release(struct softcard_store *store)
{
    for (size_t i = 0; i < store->key_count; i++) {
        EVP_PKEY_free(store->keys[i].key);
    }
    for (size_t i = 0; i < store->object_count; i++) {
        free(store->objects[i].bytes);
    }
    store->key_count = 0;
    store->object_count = 0;
}

struct softcard_key *softcard_store_key(struct softcard_store *store, uint8_t slot)
{
    for (size_t i = 0; i < store->key_count; i++) {
        if (store->keys[i].slot == slot) {
            return &store->keys[i];
        }
    }
    return NULL;
}

bool softcard_store_put_key(struct softcard_store *store, const struct softcard_key *key)
{
    struct softcard_key *place = softcard_store_key(store, key->slot);

    if (place != NULL) {
        EVP_PKEY_free(place->key);
    } else if (store->key_count < SOFTCARD_KEYS_MAX) {
        place = &store->keys[store->key_count++];
    } else {
        return false;
    }
    *place = *key;
    return true;
}

static struct softcard_object *find_object(struct softcard_store *store, uint32_t tag)
{
    for (size_t i = 0; i < store->object_count; i++) {
        if (store->objects[i].tag == tag) {
            return &store->objects[i];
        }
    }
    return NULL;
}

struct span softcard_store_object(const struct softcard_store *store, uint32_t tag)
{
    for (size_t i = 0; i < store->object_count; i++) {
        if (store->objects[i].tag == tag) {
            return span_make(store->objects[i].bytes, store->objects[i].len);
        }
    }
    return SPAN_NONE;
}

static void drop_object(struct softcard_store *store, struct softcard_object *object)
{
    if (object != NULL) {
        free(object->bytes);
        *object = store->objects[--store->object_count];
    }
}

bool softcard_store_put_object(struct softcard_store *store, uint32_t tag, struct span value)
{
    struct softcard_object *object = find_object(store, tag);

    if (value.left == 0) {
        drop_object(store, object);
        return true;
    }
    if (value.left > SOFTCARD_OBJECT_MAX || (object == NULL && store->object_count == SOFTCARD_OBJECTS_MAX)) {
        return false;
    }
    uint8_t *copy = malloc(value.left);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, value.p, value.left);
    if (object == NULL) {
        object = &store->objects[store->object_count++];
    } else {
        free(object->bytes);
    }
    *object = (struct softcard_object){.tag = tag, .bytes = copy, .len = value.left};
    return true;
}

/* --- the file --- */

static void word_number(struct writer *w, uint64_t n)
{
    wr_u8(w, ' ');
    wr_dec(w, n);
}

static void word_bytes(struct writer *w, struct span bytes)
{
    wr_u8(w, ' ');
    wr_hex(w, bytes);
}

static void line_secret(struct writer *w, const char *name, const struct softcard_secret *s)
{
    wr_text(w, name);
    word_bytes(w, SPAN_OF(s->bytes));
    word_number(w, s->tries);
    word_number(w, s->tries_max);
    wr_u8(w, '\n');
}

static CS_RESULT line_key(struct writer *w, const struct softcard_key *key)
{
    AUTO_WRITER der = wr_heap(4096);

    TRY(softcard_key_private(key->key, &der));
    TRY(wr_end(&der, "card.key"));
    wr_text(w, "key");
    word_number(w, key->slot);
    word_number(w, (uint64_t)key->alg);
    word_number(w, (uint64_t)key->pin);
    word_number(w, (uint64_t)key->touch);
    word_number(w, key->imported ? 1 : 0);
    word_bytes(w, wr_span(&der));
    wr_u8(w, '\n');
    return CS_SUCCESS;
}

static CS_RESULT write_text(struct writer *w, const struct softcard_store *store)
{
    wr_text(w, "softcard 1\nserial");
    word_number(w, store->serial);
    wr_text(w, "\nseed");
    word_bytes(w, SPAN_OF(store->seed));
    wr_u8(w, '\n');
    line_secret(w, "pin", &store->pin);
    line_secret(w, "puk", &store->puk);
    wr_text(w, "manage");
    word_number(w, store->manage_alg);
    word_bytes(w, span_make(store->manage, softcard_manage_bytes(store->manage_alg)));
    wr_u8(w, '\n');
    for (size_t i = 0; i < store->key_count; i++) {
        TRY(line_key(w, &store->keys[i]));
    }
    for (size_t i = 0; i < store->object_count; i++) {
        wr_text(w, "object");
        word_number(w, store->objects[i].tag);
        word_bytes(w, span_make(store->objects[i].bytes, store->objects[i].len));
        wr_u8(w, '\n');
    }
    return wr_end(w, "card.file");
}

bool softcard_store_save(const struct softcard_store *store)
{
    AUTO_WRITER w = wr_heap(FILE_MAX_BYTES);

    if (store->path[0] == '\0') {
        return true;
    }
    const struct cs_result res = write_text(&w, store);
    const struct span text = wr_span(&w);
    return res.code == CS_OK && softkey_store_write(store->path, text.p, text.left);
}

/* The words of one line. */
struct words {
    struct span word[WORDS_MAX];
    size_t count;
};

static CS_RESULT split(struct span line, struct words *ret_words)
{
    struct reader r = rd_make(line);

    ret_words->count = 0;
    while (r.rest.left > 0) {
        struct span word = r.rest;
        ENSURE(ret_words->count < WORDS_MAX, CS_E_SYNTAX, "card.line");
        if (memchr(r.rest.p, ' ', r.rest.left) != NULL) {
            TRY(rd_until(&r, ' ', &word, "card.line"));
        } else {
            r.rest = SPAN_NONE;
        }
        ret_words->word[ret_words->count++] = word;
    }
    return CS_SUCCESS;
}

static CS_RESULT number(struct span word, uint64_t most, uint64_t *ret_n)
{
    TRY(text_dec_decode(word, ret_n, "card.number"));
    ENSURE(*ret_n <= most, CS_E_RANGE, "card.number");
    return CS_SUCCESS;
}

static CS_RESULT byte(struct span word, uint8_t *ret_byte)
{
    uint64_t n = 0;
    TRY(number(word, UINT8_MAX, &n));
    *ret_byte = (uint8_t)n;
    return CS_SUCCESS;
}

static CS_RESULT read_secret(const struct words *line, struct softcard_secret *s)
{
    ENSURE(line->count == 4, CS_E_SYNTAX, "card.secret");
    TRY(text_hex_decode(line->word[1], s->bytes, sizeof(s->bytes), "card.secret"));
    TRY(byte(line->word[2], &s->tries));
    return byte(line->word[3], &s->tries_max);
}

static CS_RESULT read_manage(const struct words *line, struct softcard_store *store)
{
    ENSURE(line->count == 3, CS_E_SYNTAX, "card.manage");
    TRY(byte(line->word[1], &store->manage_alg));
    return text_hex_decode(line->word[2], store->manage, softcard_manage_bytes(store->manage_alg), "card.manage");
}

static CS_RESULT read_key(const struct words *line, struct softcard_store *store)
{
    struct softcard_key key = {0};
    uint8_t der[4096];
    uint64_t n[5];

    ENSURE(line->count == 7 && line->word[6].left / 2 <= sizeof(der), CS_E_SYNTAX, "card.key");
    for (size_t i = 0; i < 5; i++) {
        TRY(number(line->word[1 + i], UINT8_MAX, &n[i]));
    }
    ENSURE(n[2] <= SOFTCARD_PIN_ALWAYS && n[3] <= SOFTCARD_TOUCH_CACHED && n[4] <= 1, CS_E_RANGE, "card.key");
    key.slot = (uint8_t)n[0];
    key.alg = softcard_alg_of((uint8_t)n[1]);
    key.pin = (enum softcard_pin_policy)n[2];
    key.touch = (enum softcard_touch_policy)n[3];
    key.imported = n[4] == 1;
    TRY(text_hex_decode(line->word[6], der, line->word[6].left / 2, "card.key"));
    key.key = softcard_key_from_private(span_make(der, line->word[6].left / 2));
    ENSURE(key.key != NULL && key.alg != SOFTCARD_ALG_NONE, CS_E_SYNTAX, "card.key");
    if (!softcard_store_put_key(store, &key)) {
        EVP_PKEY_free(key.key);
        return CS_FAIL(CS_E_FULL, "card.key");
    }
    return CS_SUCCESS;
}

static CS_RESULT read_object(const struct words *line, struct softcard_store *store)
{
    uint8_t bytes[SOFTCARD_OBJECT_MAX];
    uint64_t tag = 0;

    ENSURE(line->count == 3 && line->word[2].left / 2 <= sizeof(bytes), CS_E_SYNTAX, "card.object");
    TRY(number(line->word[1], 0xffffff, &tag));
    TRY(text_hex_decode(line->word[2], bytes, line->word[2].left / 2, "card.object"));
    ENSURE(softcard_store_put_object(store, (uint32_t)tag, span_make(bytes, line->word[2].left / 2)), CS_E_FULL,
           "card.object");
    return CS_SUCCESS;
}

static CS_RESULT read_line(struct span text, struct softcard_store *store)
{
    struct words line;
    uint64_t n = 0;

    TRY(split(text, &line));
    ENSURE(line.count >= 2, CS_E_SYNTAX, "card.line");
    const struct span name = line.word[0];
    if (span_is(name, "softcard")) {
        ENSURE(span_is(line.word[1], "1"), CS_E_UNKNOWN, "card.version");
        return CS_SUCCESS;
    }
    if (span_is(name, "serial")) {
        TRY(number(line.word[1], UINT32_MAX, &n));
        store->serial = (uint32_t)n;
        return CS_SUCCESS;
    }
    if (span_is(name, "seed")) {
        return text_hex_decode(line.word[1], store->seed, sizeof(store->seed), "card.seed");
    }
    if (span_is(name, "pin") || span_is(name, "puk")) {
        return read_secret(&line, span_is(name, "pin") ? &store->pin : &store->puk);
    }
    if (span_is(name, "manage")) {
        return read_manage(&line, store);
    }
    if (span_is(name, "key")) {
        return read_key(&line, store);
    }
    ENSURE(span_is(name, "object"), CS_E_UNKNOWN, "card.line");
    return read_object(&line, store);
}

static CS_RESULT read_text(struct span text, struct softcard_store *store)
{
    struct reader r = rd_make(text);

    while (r.rest.left > 0) {
        struct span line = SPAN_NONE;
        TRY(rd_until(&r, '\n', &line, "card.file"));
        TRY(read_line(line, store));
    }
    return CS_SUCCESS;
}

static bool read_file(int fd, struct softcard_store *store)
{
    struct stat info;

    if (fstat(fd, &info) != 0 || info.st_size < 1 || info.st_size > FILE_MAX_BYTES) {
        return false;
    }
    const size_t len = (size_t)info.st_size;
    uint8_t *text = malloc(len);
    const bool ok =
        text != NULL && read(fd, text, len) == (ssize_t)len && read_text(span_make(text, len), store).code == CS_OK;
    free(text);
    return ok;
}

bool softcard_store_open(const char *path, struct softcard_store *ret_store)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const bool is_new = fd < 0 && errno == ENOENT;

    softcard_store_new(ret_store);
    if (strlen(path) >= sizeof(ret_store->path)) {
        return false;
    }
    memcpy(ret_store->path, path, strlen(path) + 1);
    const bool ok = is_new ? softcard_store_save(ret_store) : fd >= 0 && read_file(fd, ret_store);
    if (fd >= 0) {
        (void)close(fd);
    }
    if (!ok) {
        softcard_store_release(ret_store);
    }
    return ok;
}
