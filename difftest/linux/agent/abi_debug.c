/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of ABI programs that look at a process from outside: ptrace() and core dumps. Each makes a child for it.
 */
#include "difftest/linux/agent/abi.h"
#include "difftest/linux/agent/linux.h"
#include "difftest/linux/agent/ptrace.h"

#define MOST_TAGS 512

static uint64_t packed(const uint8_t* tags, uint64_t count) {
    uint64_t word = 0;
    for (uint64_t n = 0; n < count && n < ABI_MAX_TAGS; ++n) word |= (uint64_t)(tags[n] & 15) << 4 * n;
    return word;
}

/* Stopped, and traced by this process; or a negative error number. */
static long stopped_child(void) {
    const long child = system_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (child < 0) return child;
    if (child == 0) {
        const long traced = system_call(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0, 0, 0);
        if (traced < 0) leave(-traced);
        const long own = system_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
        system_call(SYS_kill, own, SIGSTOP, 0, 0, 0, 0);
        leave(ABI_AGENT_FAILED);
    }
    int32_t status = 0;
    long got;
    do got = system_call(SYS_wait4, child, (long)&status, 0, 0, 0, 0);
    while (got == -EINTR);
    if (got != child) leave(ABI_AGENT_FAILED);
    if ((status & 0xff) == 0x7f) return child;
    if ((status & 0x7f) == 0) return -(long)(status >> 8 & 0xff);
    leave(ABI_AGENT_FAILED);
}

static void end_child(long child) {
    int32_t status = 0;
    system_call(SYS_kill, child, SIGKILL, 0, 0, 0, 0);
    while (system_call(SYS_wait4, child, (long)&status, 0, 0, 0, 0) == -EINTR) {
    }
}

static void tags_of_child(long child, const struct abi_step* step, struct abi_step_result* result) {
    static uint8_t tags[MOST_TAGS];
    const uint64_t count = step->args[2] < MOST_TAGS ? step->args[2] : MOST_TAGS;
    /* An address within the granule: the kernel aligns it. */
    const long at = (long)(abi_address(step, 0) + (step->args[1] & 1) * 8);
    struct linux_iovec vector = {tags, count};
    if (step->op == ABI_poke) {
        for (uint64_t n = 0; n < count; ++n) tags[n] = n < ABI_MAX_TAGS ? step->args[3] >> 4 * n & 15 : 0;
        if (vector.bytes > ABI_MAX_TAGS) vector.bytes = ABI_MAX_TAGS;
        result->value = system_call(SYS_ptrace, PTRACE_POKEMTETAGS, child, at, (long)&vector, 0, 0);
        result->extra[0] = count;
        if (result->value != 0) return;
    }
    for (uint64_t n = 0; n < count; ++n) tags[n] = 0;
    vector = (struct linux_iovec){tags, count};
    result->value = system_call(SYS_ptrace, PTRACE_PEEKMTETAGS, child, at, (long)&vector, 0, 0);
    result->extra[0] = vector.bytes;
    if (result->value == 0) result->extra[1] = packed(tags, vector.bytes);
}

static void control_of_child(long child, const struct abi_step* step, struct abi_step_result* result) {
    uint64_t control = step->args[0];
    struct linux_iovec vector = {&control, sizeof(control)};
    result->value = 0;
    if (step->op == ABI_set_regset)
        result->value = system_call(SYS_ptrace, PTRACE_SETREGSET, child, NT_ARM_TAGGED_ADDR_CTRL, (long)&vector, 0, 0);
    control = ~0ull;
    vector = (struct linux_iovec){&control, sizeof(control)};
    const long got = system_call(SYS_ptrace, PTRACE_GETREGSET, child, NT_ARM_TAGGED_ADDR_CTRL, (long)&vector, 0, 0);
    if (got != 0) result->value = got;
    result->extra[0] = control;
}

void abi_ptrace(const struct abi_step* step, struct abi_step_result* result) {
    const long child = stopped_child();
    if (child < 0) {
        result->value = child;
    } else if (step->op == ABI_peek || step->op == ABI_poke) {
        tags_of_child(child, step, result);
    } else {
        control_of_child(child, step, result);
    }
    if (child > 0) end_child(child);
    result->state = ABI_DONE;
}

/* ------------------------------------------------------------------------------------------------------- core dumps */

#define PT_AARCH64_MEMTAG_MTE 0x70000002u

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct directory_entry {
    uint64_t inode, offset;
    uint16_t bytes;
    uint8_t type;
    char name[];
};

/* Opens the one file of the directory, and removes its name. */
static long take_only_file(long directory) {
    static uint8_t entries[2048] __attribute__((aligned(8)));
    const long bytes = system_call(SYS_getdents64, directory, (long)entries, sizeof(entries), 0, 0, 0);
    for (long at = 0; at < bytes;) {
        const struct directory_entry* const entry = (const struct directory_entry*)(entries + at);
        at += entry->bytes;
        if (entry->name[0] == '.') continue;
        const long file = system_call(SYS_openat, directory, (long)entry->name, O_RDONLY, 0, 0, 0);
        system_call(SYS_unlinkat, directory, (long)entry->name, 0, 0, 0, 0);
        return file;
    }
    return -1;
}

static void read_core(long file, uint64_t page, struct abi_step_result* result) {
    struct elf_header header;
    if (system_call(SYS_pread64, file, (long)&header, sizeof(header), 0, 0, 0) != sizeof(header)) return;
    result->state = ABI_DONE;
    for (uint64_t n = 0; n < header.phnum; ++n) {
        struct elf_segment segment;
        const long at = (long)(header.phoff + n * sizeof(segment));
        if (system_call(SYS_pread64, file, (long)&segment, sizeof(segment), at, 0, 0) != sizeof(segment)) return;
        if (segment.type != PT_AARCH64_MEMTAG_MTE || page - segment.vaddr >= segment.memsz || segment.filesz == 0)
            continue;
        const long tags = (long)(segment.offset + (page - segment.vaddr) / 32);
        system_call(SYS_pread64, file, (long)&result->extra[0], sizeof(result->extra[0]), tags, 0, 0);
        result->value = 1;
        return;
    }
}

/* A child of this one dies of SIGSEGV in a directory of its own. No core dump to be had there: ABI_CANNOT. */
void abi_core(const struct abi_step* step, struct abi_step_result* result) {
    static const char form[] = "/tmp/mtecheck-abi-00000000";
    char path[sizeof(form)];
    for (unsigned n = 0; n < sizeof(path); ++n) ((volatile char*)path)[n] = form[n];
    long made;
    uint64_t number = 0;
    do {
        uint64_t rest = ++number;
        for (unsigned n = sizeof(path) - 2; path[n] != '-'; --n, rest /= 10) path[n] = (char)('0' + rest % 10);
        made = system_call(SYS_mkdirat, AT_FDCWD, (long)path, 0700, 0, 0, 0);
    } while (made == -EEXIST);
    /* Not before: a process that dies of an asynchronous fault, in its next system call, has not come as far. */
    result->state = ABI_CANNOT;
    if (made <= -512) { /* no error of mkdirat() */
        result->value = made;
        result->state = ABI_DONE;
    }
    if (made != 0) return;
    const long child = system_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (child < 0) leave(ABI_AGENT_FAILED);
    if (child == 0) {
        const uint64_t unlimited[2] = {~0ull, ~0ull};
        if (system_call(SYS_chdir, (long)path, 0, 0, 0, 0, 0) != 0 ||
            system_call(SYS_prlimit64, 0, RLIMIT_CORE, (long)unlimited, 0, 0, 0) != 0)
            leave(0);
        abi_sigaction(ABI_DEFAULT, 0);
        const uint64_t mask = 1ull << (SIGSEGV - 1);
        system_call(SYS_rt_sigprocmask, 1, (long)&mask, 0, sizeof(mask), 0, 0);
        system_call(SYS_kill, system_call(SYS_getpid, 0, 0, 0, 0, 0, 0), SIGSEGV, 0, 0, 0, 0);
        leave(0);
    }
    int32_t status = 0;
    while (system_call(SYS_wait4, child, (long)&status, 0, 0, 0, 0) == -EINTR) {
    }
    const long directory = system_call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_DIRECTORY, 0, 0, 0);
    const long file = take_only_file(directory);
    if (file >= 0) {
        read_core(file, ABI_PLAYGROUND_VA + step->args[0] * ABI_PAGE_BYTES, result);
        system_call(SYS_close, file, 0, 0, 0, 0, 0);
    }
    system_call(SYS_close, directory, 0, 0, 0, 0, 0);
    system_call(SYS_unlinkat, AT_FDCWD, (long)path, AT_REMOVEDIR, 0, 0, 0);
}
