/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base_text.h"

enum { PEM_MAX = 256 << 10, NUMBERED = 256 };

enum number { NUMBER_PORT, NUMBER_CONNECTIONS, NUMBER_IDLE, NUMBER_WRITES, NUMBER_READS, NUMBER_STATE, NUMBER_COUNT };

static const struct {
    const char *name;
    uint64_t least;
    uint64_t most;
    uint64_t standard;
} numbers[NUMBER_COUNT] = {
    [NUMBER_PORT] = {"port", 0, 65535, 8443},
    [NUMBER_CONNECTIONS] = {"connections", 16, 1000000, 16384},
    [NUMBER_IDLE] = {"idle", 5, 3600, 75},
    [NUMBER_WRITES] = {"writes-per-minute", 1, 10000000, 600},
    [NUMBER_READS] = {"reads-per-second", 1, 10000000, 1000},
    [NUMBER_STATE] = {"state-mib", 16, 65536, 1024},
};

static int usage(FILE *to, int status)
{
    (void)fprintf(to, "usage: countersign-http --core PATH --cert FILE --key FILE [option ...]\n"
                      "  --core PATH              socket of the core\n"
                      "  --cert FILE              server certificate chain, PEM; P-256 costs least\n"
                      "  --key FILE               its private key, PEM\n"
                      "  --client-ca FILE         accept client certificates of these authorities\n"
                      "  --address ADDRESS        listen here only\n"
                      "  --port N                 listen at this port (8443)\n"
                      "  --public-url URL         how clients reach this server, without a path\n"
                      "  --spool DIR              keep a copy of the log's entries here instead of in memory\n"
                      "  --user NAME              become this user\n"
                      "  --connections N          open at once at most (16384)\n"
                      "  --idle SECONDS           close a connection that sends nothing for so long (75)\n"
                      "  --writes-per-minute N    commands a client may give (600)\n"
                      "  --reads-per-second N     other calls a client may make (1000)\n"
                      "  --state-mib N            memory that the log may take (1024)\n"
                      "  --help, --version\n");
    return status;
}

static bool read_number(unsigned which, struct options *o)
{
    uint64_t n = 0;
    if (text_dec_decode(span_str(optarg), &n, numbers[which].name).code != CS_OK || n < numbers[which].least ||
        n > numbers[which].most) {
        (void)fprintf(stderr, "countersign-http: --%s: not a number from %llu to %llu\n", numbers[which].name,
                      (unsigned long long)numbers[which].least, (unsigned long long)numbers[which].most);
        return false;
    }
    uint64_t value[NUMBER_COUNT] = {
        [NUMBER_PORT] = o->config.port,         [NUMBER_CONNECTIONS] = o->config.connections_max,
        [NUMBER_IDLE] = o->config.idle_s,       [NUMBER_WRITES] = o->config.writes_per_min,
        [NUMBER_READS] = o->config.reads_per_s, [NUMBER_STATE] = o->config.state_cap_bytes >> 20};
    value[which] = n;
    o->config.port = (uint16_t)value[NUMBER_PORT];
    o->config.connections_max = (unsigned)value[NUMBER_CONNECTIONS];
    o->config.idle_s = (unsigned)value[NUMBER_IDLE];
    o->config.writes_per_min = (uint32_t)value[NUMBER_WRITES];
    o->config.reads_per_s = (uint32_t)value[NUMBER_READS];
    o->config.state_cap_bytes = (size_t)value[NUMBER_STATE] << 20;
    return true;
}

static bool complete(const struct options *o)
{
    return o->config.core_socket != NULL && o->cert_path != NULL && o->key_path != NULL;
}

/* The option's text goes to its place; false for an option that takes none of these. */
static bool read_text(int c, struct options *o)
{
    const struct {
        int letter;
        const char **place;
    } texts[] = {
        {'C', &o->config.core_socket}, {'a', &o->config.address}, {'U', &o->config.public_url},
        {'s', &o->config.spool_dir},   {'u', &o->user},           {'c', &o->cert_path},
        {'k', &o->key_path},           {'A', &o->client_ca_path},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].letter == c) {
            *texts[i].place = optarg;
            return true;
        }
    }
    return false;
}

int options_read(int argc, char **argv, struct options *ret_options)
{
    static const struct option known[] = {{"core", required_argument, NULL, 'C'},
                                          {"cert", required_argument, NULL, 'c'},
                                          {"key", required_argument, NULL, 'k'},
                                          {"client-ca", required_argument, NULL, 'A'},
                                          {"address", required_argument, NULL, 'a'},
                                          {"public-url", required_argument, NULL, 'U'},
                                          {"spool", required_argument, NULL, 's'},
                                          {"user", required_argument, NULL, 'u'},
                                          {"port", required_argument, NULL, NUMBERED + NUMBER_PORT},
                                          {"connections", required_argument, NULL, NUMBERED + NUMBER_CONNECTIONS},
                                          {"idle", required_argument, NULL, NUMBERED + NUMBER_IDLE},
                                          {"writes-per-minute", required_argument, NULL, NUMBERED + NUMBER_WRITES},
                                          {"reads-per-second", required_argument, NULL, NUMBERED + NUMBER_READS},
                                          {"state-mib", required_argument, NULL, NUMBERED + NUMBER_STATE},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    struct options o = {.config = {.port = (uint16_t)numbers[NUMBER_PORT].standard,
                                   .connections_max = (unsigned)numbers[NUMBER_CONNECTIONS].standard,
                                   .idle_s = (unsigned)numbers[NUMBER_IDLE].standard,
                                   .writes_per_min = (uint32_t)numbers[NUMBER_WRITES].standard,
                                   .reads_per_s = (uint32_t)numbers[NUMBER_READS].standard,
                                   .state_cap_bytes = (size_t)numbers[NUMBER_STATE].standard << 20}};
    int c = 0;

    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) { /* NOLINT(concurrency-mt-unsafe): one thread */
        if (c == 'h') {
            return usage(stdout, 0);
        }
        if (c == 'V') {
            (void)printf("countersign-http %s\n", COUNTERSIGN_VERSION);
            return 0;
        }
        if (c >= NUMBERED ? !read_number((unsigned)(c - NUMBERED), &o) : !read_text(c, &o)) {
            return usage(stderr, 2);
        }
    }
    *ret_options = o;
    return optind == argc && complete(&o) ? -1 : usage(stderr, 2);
}

/* ---- files ---- */

static CS_RESULT read_file(const char *path, const char *what, char **ret_text)
{
    struct stat st;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ENSURE(fd >= 0, CS_E_IO, what);
    char *text = calloc(1, PEM_MAX + 1);
    struct cs_result r = text == NULL ? CS_FAIL(CS_E_NOMEM, what) : CS_SUCCESS;
    size_t n = 0;
    ssize_t got = 1;
    if (r.code == CS_OK && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
        r = CS_FAIL(CS_E_IO, what);
    }
    while (r.code == CS_OK && got > 0 && n < PEM_MAX) {
        got = read(fd, text + n, PEM_MAX - n);
        n += got > 0 ? (size_t)got : 0;
    }
    (void)close(fd);
    if (r.code == CS_OK && (got != 0 || n == 0)) {
        r = CS_FAIL(got < 0 ? CS_E_IO : CS_E_RANGE, what);
    }
    if (r.code != CS_OK) {
        free(text);
        return r;
    }
    *ret_text = text;
    return CS_SUCCESS;
}

CS_RESULT options_load(struct options *o)
{
    TRY(read_file(o->cert_path, "certificate file", &o->pem[0]));
    TRY(read_file(o->key_path, "key file", &o->pem[1]));
    if (o->client_ca_path != NULL) {
        TRY(read_file(o->client_ca_path, "client CA file", &o->pem[2]));
    }
    o->config.cert_pem = o->pem[0];
    o->config.key_pem = o->pem[1];
    o->config.client_ca_pem = o->pem[2];
    return CS_SUCCESS;
}

void options_release(struct options *o)
{
    for (size_t i = 0; i < sizeof(o->pem) / sizeof(o->pem[0]); i++) {
        if (o->pem[i] != NULL) {
            explicit_bzero(o->pem[i], PEM_MAX);
            free(o->pem[i]);
            o->pem[i] = NULL;
        }
    }
}
