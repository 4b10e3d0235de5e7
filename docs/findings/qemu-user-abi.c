/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where user mode of QEMU breaks the Linux ABI of memory tagging: a line for each test, "ok" or "WRONG", or "?" if it
 * cannot be made. Linux says "ok" to all of them. docs/findings/qemu-user-abi.md tells what each is about.
 *
 * Freestanding and static, for qemu-aarch64, or as the only program of a guest, its init. It runs itself by execve();
 * where binfmt_misc does not know how, its arguments have to be the emulator and the options of that.
 * Exit status: 0 all is ok; 1 something is wrong; 2 nothing is wrong, but something could not be tested, which may be
 * all since there is no memory tagging.
 */

enum { SYS_ftruncate = 46, SYS_openat = 56, SYS_write = 64, SYS_exit = 93, SYS_mknodat = 33, SYS_ptrace = 117 };
enum { SYS_rt_sigaction = 134, SYS_rt_sigreturn = 139, SYS_reboot = 142, SYS_prctl = 167, SYS_getpid = 172 };
enum { SYS_rt_sigprocmask = 135, SYS_execve = 221 };
enum { SYS_munmap = 215, SYS_mremap = 216, SYS_clone = 220, SYS_mmap = 222, SYS_mprotect = 226, SYS_madvise = 233 };
enum { SYS_wait4 = 260, SYS_memfd_create = 279, AT_FDCWD = -100, SIGCHLD = 17, SIGSEGV = 11, SEGV_MTESERR = 9 };
enum { PR_SET_TAGGED_ADDR_CTRL = 55, PR_GET_TAGGED_ADDR_CTRL = 56, PR_TAGGED_ADDR_ENABLE = 1 };
enum { PR_MTE_TCF_SYNC = 2, PR_MTE_TCF_ASYNC = 4, PR_MTE_STORE_ONLY = 1 << 19, AT_HWCAP3 = 29 };
enum { PROT_READ = 1, PROT_EXEC = 4, PROT_TAGGED = 0x23 };
enum { MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20, MREMAP_MAYMOVE = 1 };
enum {
    MADV_DONTNEED = 4,
    MADV_FREE = 8,
    MADV_WIPEONFORK = 18,
    SA_SIGINFO = 4,
    SA_EXPOSE_TAGBITS = 0x800,
    SA_RESTORER = 0x4000000
};
enum { ENOMEM = 12, EINVAL = 22, ENOSYS = 38, CANNOT = 2, PAGE = 4096, SYNC = 3, ASYNC = 5 };

static long call(long number, long a, long b, long c, long d, long e) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = 0;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}

static void print(const char* text) {
    long bytes = 0;
    while (text[bytes] != 0) ++bytes;
    call(SYS_write, 1, (long)text, bytes, 0, 0);
}

static int same(const char* a, const char* b) {
    while (*a != 0 && *a == *b) ++a, ++b;
    return *a == *b;
}

static long control(long word) { return call(SYS_prctl, PR_SET_TAGGED_ADDR_CTRL, word, 0, 0, 0); }
static long map(long flags, long file) { return call(SYS_mmap, 0, PAGE, PROT_TAGGED, flags, file); }
static long private_page(void) { return map(MAP_PRIVATE | MAP_ANONYMOUS, -1); }
static long tagged(long address, long tag) { return address | tag << 56; }
static void set_tag(long address, long tag) { __asm__ volatile("stg %0, [%0]" ::"r"(tagged(address, tag)) : "memory"); }
static long get_tag(long address) {
    __asm__ volatile("ldg %0, [%0]" : "+r"(address)::"memory");
    return address >> 56 & 15;
}
/* One instruction each: the handler goes on behind it. */
static void load(long address) { __asm__ volatile("ldr xzr, [%0]" ::"r"(address) : "memory"); }
static void store(long address) { __asm__ volatile("str xzr, [%0]" ::"r"(address) : "memory"); }
static void set_tco(long value) { __asm__ volatile("msr tco, %0" ::"r"(value << 25)); }
static long get_tco(void) {
    long value;
    __asm__ volatile("mrs %0, tco" : "=r"(value));
    return value >> 25 & 1;
}

struct siginfo {
    int number, error, code, unused;
    long address;
};
struct ucontext {
    long flags, link, stack[3];
    unsigned char mask[128] __attribute__((aligned(8)));
    long padding; /* sigcontext is aligned to 16 bytes */
    long fault_address, registers[31], sp, pc, pstate;
};
struct sigaction {
    void* handler;
    unsigned long flags;
    void* restorer;
    unsigned long mask;
};

void restorer(void);
__asm__("restorer: mov x8, #139\n svc #0\n");

static struct { long calls, address, fault_address, tco, sets_tco; } seen;

static void handle(int number, const struct siginfo* info, struct ucontext* context) {
    (void)number;
    ++seen.calls;
    seen.tco = get_tco();
    seen.address = info->address;
    seen.fault_address = context->fault_address;
    context->pc += 4;
    if (seen.sets_tco) set_tco(1);
}

static void catch_faults(unsigned long flags) {
    const struct sigaction action = {(void*)handle, SA_SIGINFO | SA_RESTORER | flags, (void*)restorer, 0};
    call(SYS_rt_sigaction, SIGSEGV, (long)&action, 0, 8, 0);
}

/* A page that may not be accessed. */
static long no_access(void) {
    const long at = private_page();
    return call(SYS_mmap, at, PAGE, 0, MAP_PRIVATE | MAP_ANONYMOUS | 0x10, -1) == at ? at : 0;
}

static long memfd(void) {
    const long file = call(SYS_memfd_create, (long)"file", 0, 0, 0, 0);
    call(SYS_ftruncate, file, PAGE, 0, 0, 0);
    return file;
}

static unsigned long hwcap3;
static const char* const* words; /* of the command line */

/* ---- the tests: 1 if all is as it should be */

static int both_modes_are_read_back(void) {
    const long word = PR_TAGGED_ADDR_ENABLE | PR_MTE_TCF_SYNC | PR_MTE_TCF_ASYNC;
    return control(word) == 0 && call(SYS_prctl, PR_GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0) == word;
}

static int store_only_has_a_hwcap(void) {
    return control(SYNC | PR_MTE_STORE_ONLY) == -EINVAL || (hwcap3 >> 1 & 1) != 0;
}

static int store_only_is_read_back(void) {
    const long word = SYNC | PR_MTE_STORE_ONLY;
    return control(word) == -EINVAL || call(SYS_prctl, PR_GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0) == word;
}

static int memfd_has_tags(void) {
    const long at = map(MAP_SHARED, memfd());
    set_tag(at, 5);
    return get_tag(at) == 5;
}

static int prot_mte_is_refused_for_dev_zero(void) {
    long file = call(SYS_openat, AT_FDCWD, (long)"/dev/zero", 2, 0, 0);
    if (file < 0) { /* in a guest that has nothing but this program */
        call(SYS_mknodat, AT_FDCWD, (long)"/zero", 020666, 1 << 8 | 5, 0);
        file = call(SYS_openat, AT_FDCWD, (long)"/zero", 2, 0, 0);
    }
    return file >= 0 && map(MAP_PRIVATE, file) == -EINVAL;
}

static int mremap_keeps_tags(void) {
    const long at = private_page();
    const long to = no_access();
    set_tag(at, 5);
    return call(SYS_mremap, at, PAGE, PAGE, MREMAP_MAYMOVE | 2, to) == to && get_tag(to) == 5;
}

static int shared_memory_has_shared_tags(void) {
    const long at = map(MAP_SHARED | MAP_ANONYMOUS, -1);
    const long child = call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        set_tag(at, 5);
        call(SYS_exit, 0, 0, 0, 0, 0);
    }
    call(SYS_wait4, child, 0, 0, 0, 0);
    return get_tag(at) == 5;
}

static int wipe_on_fork_clears_tags(void) {
    const long at = private_page();
    *(volatile long*)at = 5;
    set_tag(at, 5);
    call(SYS_madvise, at, PAGE, MADV_WIPEONFORK, 0, 0);
    const long child = call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    const int ignored = *(volatile long*)at != 0; /* of the child: then it is not about tags */
    if (child == 0) call(SYS_exit, ignored ? 0 : get_tag(at), 0, 0, 0, 0);
    int status = -1;
    call(SYS_wait4, child, (long)&status, 0, 0, 0);
    return status == 0;
}

static int wipe_on_fork_is_refused_for_shared_memory(void) {
    return call(SYS_madvise, map(MAP_SHARED | MAP_ANONYMOUS, -1), PAGE, MADV_WIPEONFORK, 0, 0) == -EINVAL;
}

static int mprotect_takes_tagged_addresses(void) {
    return control(0) == 0 && call(SYS_mprotect, tagged(private_page(), 5), PAGE, 1, 0, 0) == 0;
}

static int madvise_takes_tagged_addresses(void) {
    const long at = private_page();
    *(volatile long*)at = 5;
    call(SYS_madvise, tagged(at, 5), PAGE, MADV_DONTNEED, 0, 0);
    return *(volatile long*)at == 0;
}

static int madvise_of_nothing_is_refused(void) {
    const long at = private_page();
    call(SYS_munmap, at, PAGE, 0, 0, 0);
    return call(SYS_madvise, at, PAGE, MADV_DONTNEED, 0, 0) == -ENOMEM;
}

static int free_of_shared_memory_is_refused(void) {
    return call(SYS_madvise, map(MAP_SHARED | MAP_ANONYMOUS, -1), PAGE, MADV_FREE, 0, 0) == -EINVAL;
}

static int mprotect_changes_what_is_in_front_of_a_gap(void) {
    const long at = call(SYS_mmap, 0, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    call(SYS_munmap, at + PAGE, PAGE, 0, 0, 0);
    const long result = call(SYS_mprotect, at, 2 * PAGE, PROT_TAGGED, 0, 0);
    set_tag(at, 5);
    return result == -ENOMEM && get_tag(at) == 5;
}

/* Without FEAT_PAN3 it can be read, with it it cannot; whether tags are checked has nothing to do with it. */
static int execute_only_memory_can_be_read_or_not(void) {
    catch_faults(0);
    const long at = call(SYS_mmap, 0, PAGE, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    load(at);
    const long calls = seen.calls;
    control(SYNC);
    load(at);
    return seen.calls == 2 * calls;
}

static int handlers_begin_with_tco_0(void) {
    catch_faults(0);
    set_tco(1);
    load(no_access());
    return seen.calls == 1 && seen.tco == 0;
}

static int checks_go_on_after_sigreturn(void) {
    control(SYNC);
    catch_faults(0);
    seen.sets_tco = 1;
    const long at = private_page();
    load(tagged(at, 5));
    const long tco = get_tco();
    load(tagged(at, 5));
    return tco == 0 && seen.calls == 2;
}

static int si_addr_has_no_tag(void) {
    control(SYNC);
    catch_faults(0);
    const long at = private_page();
    load(tagged(at, 5));
    return seen.calls == 1 && seen.address == at;
}

static int si_addr_of_a_page_fault_has_its_tag_if_asked_for(void) {
    catch_faults(SA_EXPOSE_TAGBITS);
    const long at = no_access();
    load(tagged(at, 5));
    return seen.calls == 1 && seen.address == tagged(at, 5);
}

static int fault_address_has_no_tag(void) {
    control(SYNC);
    catch_faults(0);
    const long at = private_page();
    load(tagged(at, 5));
    return seen.calls == 1 && seen.fault_address == at;
}

static int asynchronous_faults_can_be_ignored(void) {
    const struct sigaction ignore = {(void*)1, SA_RESTORER, (void*)restorer, 0};
    control(ASYNC);
    call(SYS_rt_sigaction, SIGSEGV, (long)&ignore, 0, 8, 0);
    store(tagged(private_page(), 5));
    call(SYS_getpid, 0, 0, 0, 0, 0);
    return 1;
}

static int there_is_ptrace(void) { return call(SYS_ptrace, 0, 0, 0, 0, 0) != -ENOSYS; }

/* What execve() makes of this program: whether SIGSEGV is blocked as it begins. */
static const char* const blocked_word = "is-SIGSEGV-blocked";

static int is_blocked(void) {
    unsigned long mask = 0;
    call(SYS_rt_sigprocmask, 0, 0, (long)&mask, 8, 0);
    return mask >> (SIGSEGV - 1) & 1;
}

static int execve_keeps_signals_blocked(void) {
    const unsigned long mask = 1ul << (SIGSEGV - 1);
    const char* command[16];
    static const char* const no_environment[1];
    unsigned count = 0;
    for (; count < 13 && words[count + 1] != 0; ++count) command[count] = words[count + 1]; /* the emulator */
    command[count++] = words[0];
    command[count++] = blocked_word;
    command[count] = 0;
    call(SYS_rt_sigprocmask, 0, (long)&mask, 0, 8, 0);
    call(SYS_execve, (long)command[0], (long)command, (long)no_environment, 0, 0);
    print("name the emulator and its options as arguments:\n");
    call(SYS_exit, CANNOT, 0, 0, 0, 0);
    return 0;
}

static const struct {
    const char* name;
    int (*run)(void);
} tests[] = {
    {"one-mode-read-back", both_modes_are_read_back},
    {"store-only-hwcap", store_only_has_a_hwcap},
    {"store-only-read-back", store_only_is_read_back},
    {"files-without-tags", memfd_has_tags},
    {"prot-mte-anywhere", prot_mte_is_refused_for_dev_zero},
    {"mremap-loses-tags", mremap_keeps_tags},
    {"shared-tags", shared_memory_has_shared_tags},
    {"wipe-on-fork-keeps-tags", wipe_on_fork_clears_tags},
    {"advice-ignored", wipe_on_fork_is_refused_for_shared_memory},
    {"tagged-address", mprotect_takes_tagged_addresses},
    {"tagged-address-advised", madvise_takes_tagged_addresses},
    {"unmapped-advised", madvise_of_nothing_is_refused},
    {"free-of-files", free_of_shared_memory_is_refused},
    {"gap-protected", mprotect_changes_what_is_in_front_of_a_gap},
    {"execute-only", execute_only_memory_can_be_read_or_not},
    {"handler-keeps-tco", handlers_begin_with_tco_0},
    {"sigreturn-checks", checks_go_on_after_sigreturn},
    {"si-addr-tagged", si_addr_has_no_tag},
    {"si-addr-untagged", si_addr_of_a_page_fault_has_its_tag_if_asked_for},
    {"fault-address-tagged", fault_address_has_no_tag},
    {"asynchronous-forced", asynchronous_faults_can_be_ignored},
    {"no-ptrace", there_is_ptrace},
    {"execve-unblocks", execve_keeps_signals_blocked},
};

/* Each in a process of its own, that begins with tagged addresses enabled and no mode. */
static int status_of(int (*test)(void)) {
    const long child = call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) call(SYS_exit, !test(), 0, 0, 0, 0);
    int status = -1;
    call(SYS_wait4, child, (long)&status, 0, 0, 0);
    return status;
}

__attribute__((noreturn, used)) static void begin(const unsigned long* stack) {
    words = (const char* const*)(stack + 1);
    stack += *stack;
    if (same((const char*)*stack, blocked_word)) call(SYS_exit, !is_blocked(), 0, 0, 0, 0);
    for (++stack; *++stack != 0;) {
    } /* environment */
    for (++stack; stack[0] != 0; stack += 2) {
        if (stack[0] == AT_HWCAP3) hwcap3 = stack[1];
    }
    int wrong = 0;
    int untested = 0;
    unsigned long count = sizeof(tests) / sizeof(tests[0]);
    if (control(PR_TAGGED_ADDR_ENABLE) != 0 || control(SYNC) != 0 || private_page() < 0) {
        print("there is no memory tagging\n");
        untested = 1;
        count = 0;
    }
    control(PR_TAGGED_ADDR_ENABLE);
    for (unsigned long n = 0; n < count; ++n) {
        const int status = status_of(tests[n].run);
        const int cannot = status == CANNOT << 8;
        print(status == 0 ? "ok    " : cannot ? "?     " : "WRONG ");
        print(tests[n].name);
        print("\n");
        wrong |= status != 0 && !cannot;
        untested |= cannot;
    }
    if (untested != 0) print("not everything could be tested\n");
    /* An init that exits is a panic of the kernel: LINUX_REBOOT_CMD_POWER_OFF instead. */
    if (call(SYS_getpid, 0, 0, 0, 0, 0) == 1) call(SYS_reboot, (long)0xfee1dead, 672274793, 0x4321fedc, 0, 0);
    for (;;) call(SYS_exit, wrong != 0 ? 1 : untested != 0 ? 2 : 0, 0, 0, 0, 0);
}

__asm__(".globl _start\n_start: mov x0, sp\n b begin\n");
