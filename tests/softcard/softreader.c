/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader driver for pcscd: the readers of vpcd, which also say where on the USB they are, as the readers of libccid
 * do (SCARD_ATTR_CHANNEL_ID). Reader N is at bus 7, device N + 1; which port that is stands in /sys, under umockdev.
 *
 * All else is vpcd's: its library lies beside this one, under the same name with ".vpcd" after it. README.md.
 */
#include <dlfcn.h>
#include <ifdhandler.h>
#include <inttypes.h>
#include <pthread.h>
#include <reader.h>
#include <stdbool.h>
#include <stdio.h>

enum { CHANNEL_USB = 0x0020, BUS = 7, PATH_BYTES = 4096 };

#define CALLS(X)                                                                                                       \
    X(IFDHCreateChannelByName)                                                                                         \
    X(IFDHCreateChannel)                                                                                               \
    X(IFDHCloseChannel)                                                                                                \
    X(IFDHGetCapabilities)                                                                                             \
    X(IFDHSetCapabilities)                                                                                             \
    X(IFDHSetProtocolParameters)                                                                                       \
    X(IFDHPowerICC)                                                                                                    \
    X(IFDHTransmitToICC)                                                                                               \
    X(IFDHControl)                                                                                                     \
    X(IFDHICCPresence)

/* vpcd's, by name; all of them or none. */
static struct {
#define MEMBER(name) __typeof__(&(name)) name;
    CALLS(MEMBER)
#undef MEMBER
    bool loaded;
} vpcd;

static bool find(void *library, const char *name, void *ret_call)
{
    void *call = dlsym(library, name);

    memcpy(ret_call, &call, sizeof(call)); /* ISO C has no cast from an object to a function */
    if (call == NULL) {
        (void)fprintf(stderr, "softreader: vpcd has no %s\n", name);
    }
    return call != NULL;
}

static void load(void)
{
    static const char here;
    char path[PATH_BYTES];
    Dl_info own;

    if (dladdr(&here, &own) == 0) {
        return;
    }
    const int n = snprintf(path, sizeof(path), "%s.vpcd", own.dli_fname);
    void *library = n > 0 && (size_t)n < sizeof(path) ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (library == NULL) {
        (void)fprintf(stderr, "softreader: %s cannot be loaded\n", path);
        return;
    }
    bool all = true;
#define FIND(name) all = find(library, #name, &vpcd.name) && all;
    CALLS(FIND)
#undef FIND
    vpcd.loaded = all;
}

static bool ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    return pthread_once(&once, load) == 0 && vpcd.loaded;
}

/* pcscd counts readers in the upper half of its number, and the slots of one in the lower: vpcd's second is the next.
 */
static uint32_t channel_of(DWORD lun)
{
    const uint32_t reader = (uint32_t)(lun >> 16 & 0xffff) + (uint32_t)(lun & 0xffff);

    return (uint32_t)CHANNEL_USB << 16 | (uint32_t)BUS << 8 | ((reader + 1) & 0xff);
}

/* pcscd's interface: its parameters, and how many. */
/* NOLINTBEGIN(readability-function-size,readability-inconsistent-declaration-parameter-name) */
#define SHOWN __attribute__((visibility("default")))

SHOWN RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value)
{
    if (!ready()) {
        return IFD_COMMUNICATION_ERROR;
    }
    if (tag != SCARD_ATTR_CHANNEL_ID) {
        return vpcd.IFDHGetCapabilities(lun, tag, length, value);
    }
    const uint32_t channel = channel_of(lun);
    if (*length < sizeof(channel)) {
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    }
    memcpy(value, &channel, sizeof(channel)); /* 32 bits, as libccid writes it */
    *length = sizeof(channel);
    return IFD_SUCCESS;
}

SHOWN RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR name)
{
    return ready() ? vpcd.IFDHCreateChannelByName(lun, name) : IFD_COMMUNICATION_ERROR;
}

SHOWN RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel)
{
    return ready() ? vpcd.IFDHCreateChannel(lun, channel) : IFD_COMMUNICATION_ERROR;
}

SHOWN RESPONSECODE IFDHCloseChannel(DWORD lun)
{
    return ready() ? vpcd.IFDHCloseChannel(lun) : IFD_COMMUNICATION_ERROR;
}

SHOWN RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value)
{
    return ready() ? vpcd.IFDHSetCapabilities(lun, tag, length, value) : IFD_COMMUNICATION_ERROR;
}

SHOWN RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1, UCHAR pts2, UCHAR pts3)
{
    return ready() ? vpcd.IFDHSetProtocolParameters(lun, protocol, flags, pts1, pts2, pts3) : IFD_COMMUNICATION_ERROR;
}

SHOWN RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD atr_length)
{
    return ready() ? vpcd.IFDHPowerICC(lun, action, atr, atr_length) : IFD_COMMUNICATION_ERROR;
}

SHOWN RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER send, PUCHAR out, DWORD out_length, PUCHAR in,
                                     PDWORD in_length, PSCARD_IO_HEADER receive)
{
    return ready() ? vpcd.IFDHTransmitToICC(lun, send, out, out_length, in, in_length, receive)
                   : IFD_COMMUNICATION_ERROR;
}

SHOWN RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR out, DWORD out_length, PUCHAR in, DWORD in_length,
                               LPDWORD returned)
{
    return ready() ? vpcd.IFDHControl(lun, code, out, out_length, in, in_length, returned) : IFD_COMMUNICATION_ERROR;
}

SHOWN RESPONSECODE IFDHICCPresence(DWORD lun)
{
    return ready() ? vpcd.IFDHICCPresence(lun) : IFD_COMMUNICATION_ERROR;
}
/* NOLINTEND(readability-function-size,readability-inconsistent-declaration-parameter-name) */
