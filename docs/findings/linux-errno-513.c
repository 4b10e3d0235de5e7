/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux on arm64 with memory tagging: a system call returns -513 (ERESTARTNOINTR) to the program, and is not executed,
 * if an asynchronous tag check fault is pending when it begins and SIGSEGV is ignored or blocked.
 *
 * Freestanding and static: it can be the only program of a guest, as its init. docs/linux-abi.md says how to run it.
 * Exit status: 0 every system call returned what it should, 1 one did not, 2 there is no memory tagging.
 */

enum { SYS_openat = 56, SYS_write = 64, SYS_exit_group = 94, SYS_rt_sigaction = 134, SYS_rt_sigprocmask = 135 };
enum { SYS_reboot = 142, SYS_prctl = 167, SYS_getpid = 172, SYS_mmap = 222 };
enum { PR_SET_TAGGED_ADDR_CTRL = 55, PR_TAGGED_ADDR_ENABLE = 1, PR_MTE_TCF_ASYNC = 4 };
enum { PROT_READ = 1, PROT_WRITE = 2, PROT_MTE = 0x20, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20 };
enum { SIGSEGV = 11, SIG_BLOCK = 0 };

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

static void print_number(long value) {
    char digits[24];
    char* at = digits + sizeof(digits);
    unsigned long rest = value < 0 ? -(unsigned long)value : (unsigned long)value;
    *--at = 0;
    do *--at = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (value < 0) *--at = '-';
    print(at);
}

__attribute__((noreturn)) static void leave(long pid, long status) {
    /* An init that exits is a panic of the kernel: LINUX_REBOOT_CMD_POWER_OFF instead. */
    if (pid == 1) system_call(SYS_reboot, (long)0xfee1dead, 672274793, 0x4321fedc, 0, 0, 0);
    for (;;) system_call(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

/* A store through a pointer with tag 15 to memory with tag 0, and a system call. */
static int test(const char* name, volatile char* memory, long pid) {
    *(volatile char*)((unsigned long)memory | 0xful << 56) = 1;
    const long result = system_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
    print(name);
    print(": getpid() = ");
    print_number(result);
    print(result == pid ? "\n" : ", which it should never be\n");
    return result != pid;
}

void _start(void) {
    const long pid = system_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
    const long control = PR_TAGGED_ADDR_ENABLE | PR_MTE_TCF_ASYNC;
    const long set = system_call(SYS_prctl, PR_SET_TAGGED_ADDR_CTRL, control, 0, 0, 0, 0);
    const long memory =
        system_call(SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_MTE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (set != 0 || memory < 0) {
        print("there is no memory tagging\n");
        leave(pid, 2);
    }
    static const unsigned long ignored[4] = {1 /* SIG_IGN */, 0, 0, 0};
    static const unsigned long by_default[4];
    const unsigned long mask = 1ul << (SIGSEGV - 1);

    system_call(SYS_rt_sigaction, SIGSEGV, (long)ignored, 0, sizeof(mask), 0, 0);
    int wrong = test("SIGSEGV ignored", (volatile char*)memory, pid);
    system_call(SYS_rt_sigaction, SIGSEGV, (long)by_default, 0, sizeof(mask), 0, 0);
    system_call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&mask, 0, sizeof(mask), 0, 0);
    wrong |= test("SIGSEGV blocked", (volatile char*)memory, pid);
    leave(pid, wrong);
}
