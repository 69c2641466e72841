/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people do to their keys elsewhere, for the system tests; under umockdev, with libfido2 as it is.
 *   fido_tool NODE pin NEW            set the first PIN
 *   fido_tool NODE enrol RP PIN PROT  make a credential with credProtect PROT; prints its id as hex
 *   fido_tool NODE hold               keep the node locked until stdin closes
 */
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fido.h>

static int set_pin(fido_dev_t *dev, const char *pin)
{
    return fido_dev_set_pin(dev, pin, NULL);
}

static int enrol(fido_dev_t *dev, char **args)
{
    static const unsigned char hash[32];
    fido_cred_t *c = fido_cred_new();
    int r = FIDO_ERR_INTERNAL;

    if (c != NULL && fido_cred_set_type(c, COSE_ES256) == FIDO_OK && fido_cred_set_rp(c, args[0], args[0]) == FIDO_OK &&
        fido_cred_set_user(c, hash, 1, "x", "x", NULL) == FIDO_OK &&
        fido_cred_set_clientdata_hash(c, hash, sizeof(hash)) == FIDO_OK &&
        fido_cred_set_prot(c, (int)strtol(args[2], NULL, 10)) == FIDO_OK) {
        r = fido_dev_make_cred(dev, c, args[1]);
    }
    const unsigned char *id = c != NULL ? fido_cred_id_ptr(c) : NULL;
    for (size_t i = 0; r == FIDO_OK && i < fido_cred_id_len(c); i++) {
        (void)printf("%02x", id[i]);
    }
    (void)printf("\n");
    fido_cred_free(&c);
    return r;
}

static int hold(const char *node)
{
    char byte = 0;

    const int fd = open(node, O_RDWR | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return FIDO_ERR_INTERNAL;
    }
    (void)printf("held\n");
    (void)fflush(stdout);
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    return FIDO_OK;
}

static int run(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[2], "hold") == 0) {
        return hold(argv[1]);
    }
    fido_init(FIDO_DISABLE_U2F_FALLBACK);
    fido_dev_t *dev = fido_dev_new();
    int r = dev != NULL ? fido_dev_open(dev, argv[1]) : FIDO_ERR_INTERNAL;
    if (r == FIDO_OK && argc == 4 && strcmp(argv[2], "pin") == 0) {
        r = set_pin(dev, argv[3]);
    } else if (r == FIDO_OK && argc == 6 && strcmp(argv[2], "enrol") == 0) {
        r = enrol(dev, argv + 3);
    } else if (r == FIDO_OK) {
        r = FIDO_ERR_INVALID_ARGUMENT;
    }
    if (dev != NULL) {
        (void)fido_dev_close(dev);
    }
    fido_dev_free(&dev);
    return r;
}

int main(int argc, char **argv)
{
    const int r = argc >= 3 ? run(argc, argv) : FIDO_ERR_INVALID_ARGUMENT;

    if (r != FIDO_OK) {
        (void)fprintf(stderr, "fido_tool: %s\n", fido_strerr(r));
    }
    return r == FIDO_OK ? 0 : 1;
}
