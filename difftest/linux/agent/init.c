/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent as the first process of a guest, in which there is nothing but this program and the kernel's modules
 * (difftest/linux/ram_disk.h): its port of virtio-serial becomes standard input and output.
 */
#include "difftest/linux/agent/agent.h"
#include "difftest/linux/agent/linux.h"

static void sleep_10_ms(void) {
    const struct linux_timespec time = {0, 10000000};
    system_call(SYS_nanosleep, (long)&time, 0, 0, 0, 0, 0);
}

/* Drivers that the kernel does not have built in, in the order of their letters. */
static void load_modules(void) {
    char path[] = "/module-a";
    for (;; ++path[sizeof(path) - 2]) {
        const long file = system_call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY, 0, 0, 0);
        if (file < 0) return;
        if (system_call(SYS_finit_module, file, (long)"", 0, 0, 0, 0) != 0) leave(7);
        system_call(SYS_close, file, 0, 0, 0, 0, 0);
    }
}

/* The driver makes the port some time after it was loaded. */
static long open_port(void) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
        const long port = system_call(SYS_openat, AT_FDCWD, (long)"/dev/vport0p1", O_RDWR | O_NOCTTY, 0, 0, 0);
        if (port >= 0) return port;
        sleep_10_ms();
    }
    leave(6);
}

void become_init(void) {
    load_modules();
    system_call(SYS_mkdirat, AT_FDCWD, (long)"/dev", 0755, 0, 0, 0);
    system_call(SYS_mount, (long)"dev", (long)"/dev", (long)"devtmpfs", 0, 0, 0);
    /* What ABI programs need: which mode of tag checks the CPU prefers, and a place for core dumps. */
    system_call(SYS_mkdirat, AT_FDCWD, (long)"/sys", 0755, 0, 0, 0);
    system_call(SYS_mount, (long)"sys", (long)"/sys", (long)"sysfs", 0, 0, 0);
    system_call(SYS_mkdirat, AT_FDCWD, (long)"/tmp", 0755, 0, 0, 0);
    const long port = open_port();
    if (port != STANDARD_INPUT) system_call(SYS_dup3, port, STANDARD_INPUT, 0, 0, 0, 0);
    if (port != STANDARD_OUTPUT) system_call(SYS_dup3, port, STANDARD_OUTPUT, 0, 0, 0, 0);
}
