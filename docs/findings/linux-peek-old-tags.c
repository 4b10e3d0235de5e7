/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux on arm64 with memory tagging: PTRACE_PEEKMTETAGS of a page of a memfd that is mapped PROT_NONE | PROT_MTE tells
 * the tags that whoever had this memory before left in it. The page was never mapped such that it could be accessed, so
 * nothing has initialised its tags: PG_mte_tagged is not set, of which __access_remote_tags() warns, once, in the
 * kernel's log, and goes on.
 *
 * Freestanding and static: it can be the only program of a guest, as its init. docs/linux-abi.md says how to run it.
 * Exit status: 0 every tag was 0, 1 one was not, 2 there is no memory tagging, or the test could not be made.
 */

enum { SYS_ftruncate = 46, SYS_write = 64, SYS_exit_group = 94, SYS_kill = 129, SYS_reboot = 142, SYS_prctl = 167 };
enum { SYS_ptrace = 117, SYS_getpid = 172, SYS_munmap = 215, SYS_clone = 220, SYS_mmap = 222, SYS_wait4 = 260 };
enum { SYS_memfd_create = 279, PR_SET_TAGGED_ADDR_CTRL = 55, PR_TAGGED_ADDR_ENABLE = 1 };
enum { PROT_READ = 1, PROT_WRITE = 2, PROT_MTE = 0x20, MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20 };
enum { PTRACE_TRACEME = 0, PTRACE_PEEKMTETAGS = 33, SIGKILL = 9, SIGCHLD = 17, SIGSTOP = 19 };
enum { PAGE = 4096, GRANULES = PAGE / 16, FILE_PAGES = 512, OLD_PAGES = 32768 };

struct iovec {
    void* base;
    unsigned long bytes;
};

static long system_call(long number, long a, long b, long c, long d, long e, long f) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}

static void print(const char* text) {
    long bytes = 0;
    while (text[bytes] != 0) ++bytes;
    system_call(SYS_write, 1, (long)text, bytes, 0, 0, 0);
}

static void print_number(unsigned long value) {
    char digits[24];
    char* at = digits + sizeof(digits);
    *--at = 0;
    do *--at = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    print(at);
}

__attribute__((noreturn)) static void leave(long pid, long status) {
    /* An init that exits is a panic of the kernel: LINUX_REBOOT_CMD_POWER_OFF instead. */
    if (pid == 1) system_call(SYS_reboot, (long)0xfee1dead, 672274793, 0x4321fedc, 0, 0, 0);
    for (;;) system_call(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

/* Memory with tag 10 all over, given back. */
static int leave_tags_behind(void) {
    const long bytes = (long)OLD_PAGES * PAGE;
    const long old =
        system_call(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE | PROT_MTE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (old < 0) return 0;
    for (unsigned long at = (unsigned long)old; at < (unsigned long)(old + bytes); at += 16)
        __asm__ volatile("stg %0, [%0]" ::"r"(at | 10ul << 56) : "memory");
    return system_call(SYS_munmap, old, bytes, 0, 0, 0, 0) == 0;
}

/* A child that is stopped and traced. */
static long stopped_child(void) {
    const long child = system_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (child == 0) {
        system_call(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0, 0, 0);
        system_call(SYS_kill, system_call(SYS_getpid, 0, 0, 0, 0, 0, 0), SIGSTOP, 0, 0, 0, 0);
        leave(0, 2);
    }
    int status = 0;
    if (child < 0 || system_call(SYS_wait4, child, (long)&status, 0, 0, 0, 0) != child) return -1;
    return (status & 0xff) == 0x7f ? child : -1;
}

void _start(void) {
    const long pid = system_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
    const long set = system_call(SYS_prctl, PR_SET_TAGGED_ADDR_CTRL, PR_TAGGED_ADDR_ENABLE, 0, 0, 0, 0);
    if (set != 0 || !leave_tags_behind()) {
        print("there is no memory tagging\n");
        leave(pid, 2);
    }
    const long file = system_call(SYS_memfd_create, (long)"file", 0, 0, 0, 0, 0);
    system_call(SYS_ftruncate, file, (long)FILE_PAGES * PAGE, 0, 0, 0, 0);
    const long memory = system_call(SYS_mmap, 0, (long)FILE_PAGES * PAGE, PROT_MTE, MAP_SHARED, file, 0);
    const long child = stopped_child();
    if (memory < 0 || child < 0) {
        print("the test could not be made\n");
        leave(pid, 2);
    }
    unsigned long pages = 0;
    for (long page = 0; page < FILE_PAGES; ++page) {
        static unsigned char tags[GRANULES];
        struct iovec vector = {tags, sizeof(tags)};
        system_call(SYS_ptrace, PTRACE_PEEKMTETAGS, child, memory + page * PAGE, (long)&vector, 0, 0);
        unsigned long wrong = 0;
        for (unsigned long n = 0; n < vector.bytes; ++n) wrong |= tags[n];
        pages += wrong != 0;
    }
    system_call(SYS_kill, child, SIGKILL, 0, 0, 0, 0);
    print("PROT_NONE | PROT_MTE, never accessed: tags other than 0 in ");
    print_number(pages);
    print(" of 512 pages\n");
    leave(pid, pages != 0);
}
