/* SPDX-License-Identifier: Apache-2.0 */
/* Durable appends: one writer that commits whatever has come together, against commits one by one, against bare SQLite
 * with the same settings, against the disk's own rate of synced appends. G11 to G13.
 *
 * usage: bench_store DIRECTORY [ROUNDS]      the directory lies on the disk that is to be measured */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/base_text.h"
#include "bench.h"
#include "store/store.h"

enum { CLIENTS = 64, SOME_CLIENTS = 16, LEAF_BYTES = 1024, ROUNDS_MAX = 41, NOTE_BYTES = 240 };
#define SLICE_S 0.25

enum contender { DISK, PLAIN, INLINE_64, INLINE_1, GROUP_64, GROUP_16, GROUP_1, CONTENDERS };
static const char *const names[CONTENDERS] = {
    [DISK] = "write 1 KB at the end of a file and fdatasync",
    [PLAIN] = "bare SQLite, same settings, one row a commit, no head file",
    [INLINE_64] = "store, each of 64 clients commits its own entry",
    [INLINE_1] = "store, one client commits its own entries",
    [GROUP_64] = "store, one writer, 64 clients that wait",
    [GROUP_16] = "store, one writer, 16 clients that wait",
    [GROUP_1] = "store, one writer, one client that waits",
};

struct figure {
    double rate;   /* durable appends a second */
    double cpu_us; /* CPU of the process, an append */
};

struct client {
    pthread_t thread;
    sem_t done;
    bool waiting;
};

static struct {
    const char *dir;
    struct store *store;
    struct merkle_frontier tree;
    sqlite3 *plain;
    sqlite3_stmt *begin;
    sqlite3_stmt *insert;
    sqlite3_stmt *commit;
    int file;
    uint8_t leaf[LEAF_BYTES];
    uint8_t note[NOTE_BYTES];

    pthread_mutex_t lock;
    pthread_cond_t work;
    struct client clients[CLIENTS];
    unsigned waiting;
    bool grouped;
    bool stop;
    uint64_t appends;
} w = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER};

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "bench_store: %s\n", what);
        _exit(1);
    }
}

static void ok(struct cs_result r)
{
    must(r.code == CS_OK, r.msg);
}

/* --- appending --- */

/* n entries in one commit, as the core does it, without the signature (15 us a batch). */
static void append(unsigned n)
{
    ok(store_begin(w.store));
    for (unsigned i = 0; i < n; i++) {
        memcpy(w.leaf, &w.tree.size, sizeof(w.tree.size));
        const struct sha256 hash = merkle_leaf(SPAN_OF(w.leaf));
        ok(store_put_entry(w.store, w.tree.size, SPAN_OF(w.leaf), &hash));
        ok(merkle_append(&w.tree, &hash));
    }
    const struct sha256 root = merkle_root(&w.tree);
    memcpy(w.note, root.b, sizeof(root.b));
    ok(store_put_checkpoint(w.store, w.tree.size, SPAN_OF(w.note), 1));
    ok(store_commit(w.store));
    w.appends += n;
}

static void plain_append(void)
{
    must(sqlite3_step(w.begin) == SQLITE_DONE && sqlite3_reset(w.begin) == SQLITE_OK, "begin");
    must(sqlite3_bind_blob(w.insert, 1, w.leaf, LEAF_BYTES, SQLITE_STATIC) == SQLITE_OK &&
             sqlite3_step(w.insert) == SQLITE_DONE && sqlite3_reset(w.insert) == SQLITE_OK,
         "insert");
    must(sqlite3_step(w.commit) == SQLITE_DONE && sqlite3_reset(w.commit) == SQLITE_OK, "commit");
}

static void inline_client(void)
{
    (void)pthread_mutex_lock(&w.lock);
    if (!w.stop) {
        append(1);
    }
    (void)pthread_mutex_unlock(&w.lock);
}

static void grouped_client(struct client *c)
{
    (void)pthread_mutex_lock(&w.lock);
    c->waiting = true;
    w.waiting++;
    (void)pthread_cond_signal(&w.work);
    (void)pthread_mutex_unlock(&w.lock);
    while (sem_wait(&c->done) != 0) {
    }
}

static void *client_main(void *arg)
{
    struct client *c = arg;
    while (!__atomic_load_n(&w.stop, __ATOMIC_RELAXED)) {
        if (w.grouped) {
            grouped_client(c);
        } else {
            inline_client();
        }
    }
    return NULL;
}

/* Until the time is over and nobody waits any more. There is no timer: the last sync is the time in which a batch
 * forms. */
static void writer(unsigned clients, double until_s)
{
    unsigned left = clients;
    while (left > 0) {
        bool batch[CLIENTS] = {false};
        unsigned n = 0;
        (void)pthread_mutex_lock(&w.lock);
        while (w.waiting == 0) {
            (void)pthread_cond_wait(&w.work, &w.lock);
        }
        for (unsigned i = 0; i < clients; i++) {
            batch[i] = w.clients[i].waiting;
            n += batch[i] ? 1U : 0U;
            w.clients[i].waiting = false;
        }
        w.waiting = 0;
        (void)pthread_mutex_unlock(&w.lock);
        append(n);
        if (bench_now_s() >= until_s) {
            __atomic_store_n(&w.stop, true, __ATOMIC_RELAXED);
            left -= n; /* these leave; the others come once more */
        }
        for (unsigned i = 0; i < clients; i++) {
            if (batch[i]) {
                (void)sem_post(&w.clients[i].done);
            }
        }
    }
}

static void run_clients(unsigned clients, bool grouped)
{
    const double until_s = bench_now_s() + SLICE_S;
    w.grouped = grouped;
    w.stop = false;
    for (unsigned i = 0; i < clients; i++) {
        w.clients[i].waiting = false;
        must(pthread_create(&w.clients[i].thread, NULL, client_main, &w.clients[i]) == 0, "thread");
    }
    if (grouped) {
        writer(clients, until_s);
    } else {
        while (bench_now_s() < until_s) {
            (void)usleep(1000);
        }
        __atomic_store_n(&w.stop, true, __ATOMIC_RELAXED);
    }
    for (unsigned i = 0; i < clients; i++) {
        (void)pthread_join(w.clients[i].thread, NULL);
    }
}

static void run_alone(enum contender c)
{
    const double until_s = bench_now_s() + SLICE_S;
    while (bench_now_s() < until_s) {
        if (c == DISK) {
            must(write(w.file, w.leaf, LEAF_BYTES) == LEAF_BYTES && fdatasync(w.file) == 0, "fdatasync");
        } else {
            plain_append();
        }
        w.appends++;
    }
}

static struct figure slice(enum contender c)
{
    const double start_s = bench_now_s();
    const double cpu_s = bench_cpu_s();
    w.appends = 0;
    switch (c) {
    case DISK:
    case PLAIN:
        run_alone(c);
        break;
    case INLINE_64:
    case GROUP_64:
        run_clients(CLIENTS, c == GROUP_64);
        break;
    case GROUP_16:
        run_clients(SOME_CLIENTS, true);
        break;
    case INLINE_1:
    case GROUP_1:
        run_clients(1, c == GROUP_1);
        break;
    case CONTENDERS:
        break;
    }
    const double n = (double)w.appends;
    return (struct figure){.rate = n / (bench_now_s() - start_s), .cpu_us = (bench_cpu_s() - cpu_s) * 1e6 / n};
}

/* --- set-up --- */

static struct cs_result no_checkpoint(void *ctx, struct span note, uint64_t *ret_size, struct sha256 *ret_root)
{
    (void)ctx;
    (void)note;
    *ret_size = 0;
    *ret_root = merkle_empty();
    return CS_FAIL(CS_E_SYNTAX, "bench: the directory holds a log already");
}

static void path_in(const char *name, char *buf, size_t n)
{
    (void)snprintf(buf, n, "%s/%s", w.dir, name);
}

static void open_plain(const char *path)
{
    must(sqlite3_open_v2(path, &w.plain, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) ==
             SQLITE_OK,
         "open");
    must(sqlite3_exec(w.plain,
                      "PRAGMA page_size = 8192; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
                      "PRAGMA synchronous = FULL; CREATE TABLE t(idx INTEGER PRIMARY KEY, leaf BLOB) STRICT",
                      NULL, NULL, NULL) == SQLITE_OK,
         "plain");
    must(sqlite3_prepare_v2(w.plain, "BEGIN IMMEDIATE", -1, &w.begin, NULL) == SQLITE_OK &&
             sqlite3_prepare_v2(w.plain, "INSERT INTO t(leaf) VALUES(?1)", -1, &w.insert, NULL) == SQLITE_OK &&
             sqlite3_prepare_v2(w.plain, "COMMIT", -1, &w.commit, NULL) == SQLITE_OK,
         "prepare");
}

static void set_up(const char *dir)
{
    const struct store_visitor visitor = {.checkpoint = no_checkpoint};
    struct store_verdict v;
    char path[512];

    w.dir = dir;
    path_in("bench.db", path, sizeof(path));
    ok(store_open(path, &w.store));
    ok(store_verify(w.store, &visitor, &w.tree, &v));
    must(v.condition == STORE_SOUND, "the directory holds a log already");
    path_in("bench-plain.db", path, sizeof(path));
    open_plain(path);
    path_in("bench-file", path, sizeof(path));
    w.file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    must(w.file >= 0, "file");
    for (unsigned i = 0; i < CLIENTS; i++) {
        must(sem_init(&w.clients[i].done, 0, 0) == 0, "semaphore");
    }
}

static void tear_down(void)
{
    static const char *const files[] = {"bench.db",       "bench.db-wal",       "bench.db.head",
                                        "bench-plain.db", "bench-plain.db-wal", "bench-file"};
    store_close(w.store);
    (void)sqlite3_finalize(w.begin);
    (void)sqlite3_finalize(w.insert);
    (void)sqlite3_finalize(w.commit);
    (void)sqlite3_close(w.plain);
    (void)close(w.file);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[512];
        path_in(files[i], path, sizeof(path));
        (void)unlink(path);
    }
}

/* --- the report --- */

static struct figure seen[ROUNDS_MAX][CONTENDERS];

static void rates(enum contender a, enum contender b, size_t rounds, double *ret_ratios)
{
    for (size_t i = 0; i < rounds; i++) {
        ret_ratios[i] = seen[i][a].rate / seen[i][b].rate;
    }
}

static bool report(size_t rounds)
{
    static const struct bench_goal goals[] = {
        {"G11", "durable appends, 64 clients / rate of fdatasync", BENCH_AT_LEAST, 5,
         "waking 64 waiting threads; syncs"},
        {"G12", "group commit / commit each, 64 clients", BENCH_AT_LEAST, 5, "as above"},
        {"G12", "group commit / commit each, 1 client", BENCH_AT_LEAST, 0.75, "handing over to the writer and back"},
        {"G13", "CPU an append, group commit / commit each, 64 clients", BENCH_AT_MOST, 0.35, "thread switches"},
    };
    double r[ROUNDS_MAX];
    bool met = true;

    for (unsigned c = 0; c < CONTENDERS; c++) {
        for (size_t i = 0; i < rounds; i++) {
            r[i] = seen[i][c].rate;
        }
        bench_note(names[c], "appends/s", r, rounds);
    }
    rates(GROUP_64, DISK, rounds, r);
    met = bench_report(&goals[0], r, rounds) && met;
    rates(GROUP_64, INLINE_64, rounds, r);
    met = bench_report(&goals[1], r, rounds) && met;
    rates(GROUP_1, INLINE_1, rounds, r);
    met = bench_report(&goals[2], r, rounds) && met;
    for (size_t i = 0; i < rounds; i++) {
        r[i] = seen[i][GROUP_64].cpu_us / seen[i][INLINE_64].cpu_us;
    }
    met = bench_report(&goals[3], r, rounds) && met;
    rates(INLINE_1, PLAIN, rounds, r);
    bench_note("store, one commit at a time / bare SQLite (the head file's syncs)", "x", r, rounds);
    rates(GROUP_64, PLAIN, rounds, r);
    bench_note("group commit, 64 clients / bare SQLite, one row a commit", "x", r, rounds);
    rates(GROUP_16, PLAIN, rounds, r);
    bench_note("group commit, 16 clients / bare SQLite, one row a commit", "x", r, rounds);
    rates(GROUP_1, PLAIN, rounds, r);
    bench_note("group commit, 1 client / bare SQLite, one row a commit", "x", r, rounds);
    return met;
}

int main(int argc, char **argv)
{
    uint64_t rounds = 15;
    if (argc < 2 || argc > 3 ||
        (argc == 3 &&
         (text_dec_decode(span_str(argv[2]), &rounds, "rounds").code != CS_OK || rounds == 0 || rounds > ROUNDS_MAX))) {
        (void)fprintf(stderr, "usage: bench_store DIRECTORY [ROUNDS]\n");
        return 2;
    }
    set_up(argv[1]);
    for (size_t i = 0; i < rounds; i++) {
        for (unsigned k = 0; k < CONTENDERS; k++) {
            const enum contender c = (enum contender)((k + i) % CONTENDERS); /* another one goes first each round */
            seen[i][c] = slice(c);
        }
    }
    const bool met = report(rounds);
    tear_down();
    return met ? 0 : 1;
}
