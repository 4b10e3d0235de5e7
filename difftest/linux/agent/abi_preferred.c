/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which mode of tag checks the CPU prefers: its file mte_tcf_preferred in sysfs, which root may write.
 */
#include "difftest/linux/agent/abi.h"
#include "difftest/linux/agent/linux.h"

/* Where it ends. */
static char* append(char* to, const char* text) {
    while ((*to = *text++) != 0) ++to;
    return to;
}

/* That of the CPU of this process; a descriptor or an error. */
static long open_preferred(long flags) {
    uint32_t cpu = 0;
    const long got = system_call(SYS_getcpu, (long)&cpu, 0, 0, 0, 0, 0);
    if (got != 0) return got;
    char path[64];
    char* at = append(path, "/sys/devices/system/cpu/cpu");
    char digits[12];
    int count = 0;
    do digits[count++] = (char)('0' + cpu % 10);
    while ((cpu /= 10) != 0);
    while (count > 0) *at++ = digits[--count];
    append(at, "/mte_tcf_preferred");
    return system_call(SYS_openat, AT_FDCWD, (long)path, flags, 0, 0, 0);
}

int abi_preferred_mode(void) {
    const long file = open_preferred(O_RDONLY);
    if (file < 0) return -1;
    char word[8] = {0};
    system_call(SYS_read, file, (long)word, sizeof(word) - 1, 0, 0, 0);
    system_call(SYS_close, file, 0, 0, 0, 0, 0);
    if (word[0] == 's') return ABI_PREFER_SYNC;
    if (word[0] == 'a' && word[1] == 's' && word[2] == 'y') return word[3] == 'n' ? ABI_PREFER_ASYNC : ABI_PREFER_ASYMM;
    return -1;
}

int abi_preferred_is_writable(void) {
    const long file = open_preferred(O_WRONLY);
    if (file < 0) return 0;
    system_call(SYS_close, file, 0, 0, 0, 0, 0);
    return 1;
}

long abi_prefer(uint64_t mode) {
    const char* const word = mode == ABI_PREFER_SYNC ? "sync" : mode == ABI_PREFER_ASYNC ? "async" : "asymm";
    const long bytes = mode == ABI_PREFER_SYNC ? 4 : 5;
    const long file = open_preferred(O_WRONLY);
    if (file < 0) return file;
    const long written = system_call(SYS_write, file, (long)word, bytes, 0, 0, 0);
    system_call(SYS_close, file, 0, 0, 0, 0, 0);
    return written == bytes ? 0 : written;
}
