/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `agent abi [WORD...]`: runs ABI programs, each in a process of its own. The words, if any, are the command that
 * execve() needs in front of this program's name, as an emulator's.
 *
 * `agent abi-exec DESCRIPTOR FLOW STEP` is what such an execve() starts.
 */
#include "difftest/linux/agent/abi.h"
#include "difftest/linux/agent/agent.h"
#include "difftest/linux/agent/linux.h"
#include "difftest/linux/agent/ptrace.h"

#define SHARED ((struct abi_shared*)AGENT_SHARED_VA)

static void map_shared(long descriptor) {
    const long mapped = system_call(SYS_mmap, AGENT_SHARED_VA, sizeof(struct abi_shared), PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_FIXED, descriptor, 0);
    if (mapped != AGENT_SHARED_VA) leave(3);
}

__attribute__((noreturn)) static void run_in_flow(uint32_t number, uint32_t first) {
    static struct abi_context context;
    context.flow = &SHARED->response.flows[number];
    context.number = number;
    __asm__ volatile("msr tpidr_el0, %0" ::"r"(&context) : "memory");
    abi_prepare();
    abi_run_from(&context, &SHARED->request, first);
    leave(0);
}

static void greet(const uint64_t* stack) {
    static struct abi_hello hello;
    hello.magic = ABI_WIRE_MAGIC;
    hello.version = ABI_WIRE_VERSION;
    const uint64_t* at = stack + 1 + stack[0] + 1; /* the environment */
    while (*at++ != 0) {
    }
    for (; at[0] != AT_NULL; at += 2) {
        if (at[0] == AT_PAGESZ) hello.page_bytes = (uint32_t)at[1];
        if (at[0] == AT_HWCAP) hello.hwcap = at[1];
        if (at[0] == AT_HWCAP2) hello.hwcap2 = at[1];
        if (at[0] == AT_HWCAP3) hello.hwcap3 = at[1];
    }
    static struct linux_utsname name;
    if (system_call(SYS_uname, (long)&name, 0, 0, 0, 0, 0) == 0) {
        for (unsigned i = 0; i < sizeof(name.release); ++i) hello.release[i] = name.release[i];
        for (unsigned i = 0; i < sizeof(name.machine); ++i) hello.machine[i] = name.machine[i];
    }
    switch (abi_preferred_mode()) {
    case ABI_PREFER_ASYNC: hello.preferred = 1u << 17; break;
    case ABI_PREFER_SYNC: hello.preferred = 1u << 16; break;
    case ABI_PREFER_ASYMM: hello.preferred = 1u << 18; break;
    default: break;
    }
    hello.preferred_writable = (uint32_t)abi_preferred_is_writable();
    transfer_all(SYS_write, 1, &hello, sizeof(hello));
}

static void clear(void* data, uint64_t bytes) {
    for (uint64_t i = 0; i < bytes; ++i) ((volatile uint8_t*)data)[i] = 0;
}

static int has_step(const struct abi_request* request, uint32_t op) {
    for (uint32_t n = 0; n < request->steps; ++n) {
        if (request->program[n].op == op) return 1;
    }
    return 0;
}

void serve_abi(const uint64_t* stack) {
    const uint64_t arguments = stack[0];
    const char* const* const words = (const char* const*)(stack + 1);
    stay_on_this_cpu();
    greet(stack);
    const int preferred = abi_preferred_mode();
    const long descriptor = system_call(SYS_memfd_create, (long)"mtecheck-abi-shared", 0, 0, 0, 0, 0);
    if (descriptor < 0 || system_call(SYS_ftruncate, descriptor, sizeof(struct abi_shared), 0, 0, 0, 0) != 0) leave(3);
    map_shared(descriptor);
    abi_set_image(words + 2, arguments - 2, words[0], descriptor);
    struct abi_response* const response = &SHARED->response;
    for (;;) {
        transfer_all(SYS_read, 0, &SHARED->request, sizeof(SHARED->request));
        if (SHARED->request.magic != ABI_WIRE_MAGIC || SHARED->request.steps > ABI_MAX_STEPS) leave(5);
        clear(response, sizeof(*response));
        const long child = system_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
        if (child == 0) run_in_flow(0, 0);
        if (child < 0) leave(6);
        long got;
        do got = system_call(SYS_wait4, child, (long)&response->status, 0, 0, 0, 0);
        while (got == -EINTR);
        if (preferred >= 0 && has_step(&SHARED->request, ABI_prefer)) abi_prefer((uint64_t)preferred);
        response->magic = ABI_WIRE_MAGIC;
        transfer_all(SYS_write, 1, response, sizeof(*response));
    }
}

void continue_abi(const uint64_t* stack) {
    const char* const* const words = (const char* const*)(stack + 1);
    const long descriptor = number_of(words[2]);
    const long flow = number_of(words[3]);
    const long step = number_of(words[4]);
    if (descriptor < 0 || flow < 0 || flow > 1 || step < 0 || step >= ABI_MAX_STEPS) leave(2);
    map_shared(descriptor);
    SHARED->response.flows[flow].steps[step].state = ABI_DONE;
    run_in_flow((uint32_t)flow, (uint32_t)step + 1);
}
