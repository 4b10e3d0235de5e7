/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's first process, and the program that it has recorded: `/module-a step ... /init`, where /module-a is the
 * agent. The trace goes to the port of virtio-serial, and the machine goes off.
 */
#include "difftest/linux/agent/linux.h"
#include "difftest/linux/agent/ptrace.h"

enum { SYS_reboot = 142 };

void guest_main(void);
void region(uint64_t memory);
extern const char region_start[], region_end[];

/* Tag a granule and look at it: with its tag, by way of a system call, and with another tag, which ends the program. */
__asm__("    .global _start, region, region_start, region_end\n"
        "_start:\n"
        "    bl guest_main\n"
        "region:\n"
        "region_start:\n"
        "    irg x1, x0\n"
        "    stg x1, [x1]\n"
        "    str x0, [x1, #8]\n"
        "    mov x8, #172\n" /* getpid */
        "    svc #0\n"
        "    ldg x2, [x1]\n"
        "    ldr x3, [x1, #8]\n"
        "    addg x4, x1, #0, #1\n"
        "    ldr x5, [x4]\n"
        "region_end:\n"
        "    ret\n");

static void hexadecimal(char* to, uint64_t value) {
    for (int shift = 60; shift >= 0; shift -= 4) *to++ = "0123456789abcdef"[value >> shift & 15];
}

static void be_recorded(void) {
    const long all_but_0 = 0xfffe;
    system_call(SYS_prctl, PR_SET_TAGGED_ADDR_CTRL, PR_TAGGED_ADDR_ENABLE | PR_MTE_TCF_SYNC | all_but_0 << 3, 0, 0, 0,
                0);
    region((uint64_t)system_call(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_MTE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                                 0));
}

static void record(void) {
    char from[] = "from=0123456789abcdef";
    char to[] = "to=0123456789abcdef";
    hexadecimal(from + 5, (uint64_t)region_start);
    hexadecimal(to + 3, (uint64_t)region_end);
    const char* const words[] = {"/module-a", "step", from, to, "out=/trace", "/init", 0};
    const char* const none[] = {0};
    const long child = system_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (child == 0) system_call(SYS_execve, (long)words[0], (long)words, (long)none, 0, 0, 0);
    int32_t status = 0;
    system_call(SYS_wait4, child, (long)&status, 0, 0, 0, 0);
}

static void pass_on(void) {
    static uint8_t bytes[4096];
    const long trace = system_call(SYS_openat, AT_FDCWD, (long)"/trace", O_RDONLY, 0, 0, 0);
    const long port = system_call(SYS_openat, AT_FDCWD, (long)"/dev/vport0p1", O_RDWR | O_NOCTTY, 0, 0, 0);
    for (;;) {
        const long count = system_call(SYS_read, trace, (long)bytes, sizeof(bytes), 0, 0, 0);
        if (count <= 0) return;
        system_call(SYS_write, port, (long)bytes, count, 0, 0, 0);
    }
}

void guest_main(void) {
    if (system_call(SYS_getpid, 0, 0, 0, 0, 0, 0) != 1) {
        be_recorded();
        system_call(SYS_exit_group, 0, 0, 0, 0, 0, 0);
    }
    system_call(SYS_mkdirat, AT_FDCWD, (long)"/proc", 0755, 0, 0, 0);
    system_call(SYS_mkdirat, AT_FDCWD, (long)"/dev", 0755, 0, 0, 0);
    system_call(SYS_mount, (long)"proc", (long)"/proc", (long)"proc", 0, 0, 0);
    system_call(SYS_mount, (long)"dev", (long)"/dev", (long)"devtmpfs", 0, 0, 0);
    record();
    pass_on();
    for (;;) system_call(SYS_reboot, (long)0xfee1dead, 672274793, 0x4321fedc, 0, 0, 0);
}
