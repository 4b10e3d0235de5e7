/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trace of the recorder, as text.
 */
#include "difftest/linux/agent/linux.h"
#include "difftest/linux/agent/step.h"

static long file;
static int is_open;
static uint8_t buffer[65536];
static uint64_t used;

static void flush(void) {
    for (uint64_t done = 0; done < used;) {
        const long count = system_call(SYS_write, file, (long)(buffer + done), (long)(used - done), 0, 0, 0);
        if (count == -EINTR) continue;
        if (count <= 0) give_up("cannot write the trace: error", -count);
        done += (uint64_t)count;
    }
    used = 0;
}

static void put(const char* text) {
    for (; *text != 0; ++text) {
        if (used == sizeof(buffer)) flush();
        buffer[used++] = (uint8_t)*text;
    }
}

static void put_digit(unsigned value) {
    const char digit[2] = {"0123456789abcdef"[value & 15], 0};
    put(digit);
}

static void put_hex(uint64_t value) {
    int shift = 60;
    put("\"0x");
    while (shift > 0 && value >> shift == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) put_digit((unsigned)(value >> shift));
    put("\"");
}

static void put_number(unsigned value) {
    if (value >= 10) put_number(value / 10);
    put_digit(value % 10);
}

/* What comes before the next member of an object. */
static const char* separator;

static void put_register(const char* name, uint64_t value) {
    put(separator);
    put("\"");
    put(name);
    put("\":");
    put_hex(value);
    separator = ",";
}

static void put_x(unsigned n, uint64_t value) {
    put(separator);
    put("\"x");
    put_number(n);
    put("\":");
    put_hex(value);
    separator = ",";
}

void open_trace(const char* path) {
    file = system_call(SYS_openat, AT_FDCWD, (long)path, O_WRONLY | O_CREAT | O_TRUNC, 0644, 0, 0);
    if (file < 0) give_up("cannot write the file of out=: error", -file);
    is_open = 1;
}

int close_trace(void) {
    if (!is_open) return 0;
    is_open = 0;
    flush();
    system_call(SYS_close, file, 0, 0, 0, 0, 0);
    return 1;
}

void write_trace_header(const struct agent_hello* hello, uint64_t control) {
    put("{\"schema\":\"mtecheck-trace/1\",\"producer\":\"mte-agent step, Linux ");
    put(hello->release);
    put("\",\"complete\":true,\"scope\":\"process\",\"registers\":{");
    separator = "";
#define PUT(name, assembler) put_register(#name, hello->id[WIRE_ID_##name]);
    WIRE_ID_REGISTERS(PUT)
#undef PUT
    put_register("tagged_addr_ctrl", control);
    put("}}\n");
}

/* PSTATE.SS is the recorder's. */
static uint64_t pstate_of(const struct linux_registers* registers) { return registers->pstate & ~PSTATE_SS; }

void write_trace_step(const struct linux_registers* before, uint32_t op, const struct linux_registers* after, int all,
                      uint64_t control, uint64_t address) {
    put("{\"pc\":");
    put_hex(before->pc);
    put(",\"op\":");
    put_hex(op);
    if (all) {
        put(",\"el\":0,\"before\":{");
        separator = "";
        put_register("pstate", pstate_of(before)); /* first, for it selects SP */
        for (unsigned n = 0; n < 31; ++n) put_x(n, before->x[n]);
        put_register("sp", before->sp);
        put("}");
    }
    if (after == 0) {
        put(",\"exception\":\"synchronous\",\"to_el\":1,\"after\":{");
        separator = "";
        put_register("FAR_EL1", address);
        put("}}\n");
        return;
    }
    put(",\"after\":{");
    separator = "";
    for (unsigned n = 0; n < 31; ++n) {
        /* The result of a system call may be what its first argument was. */
        if (before->x[n] != after->x[n] || (n == 0 && is_call(op))) put_x(n, after->x[n]);
    }
    if (before->sp != after->sp) put_register("sp", after->sp);
    if (pstate_of(before) != pstate_of(after)) put_register("pstate", pstate_of(after));
    if (control != ~0ull) put_register("tagged_addr_ctrl", control);
    put("}}\n");
}

void write_trace_signal(void) { put("{\"exception\":\"interrupt\",\"to_el\":1}\n"); }

void write_trace_tags(uint64_t va, const uint8_t* tags, uint64_t count) {
    put("{\"tags\":[{\"va\":");
    put_hex(va);
    put(",\"tags\":\"");
    for (uint64_t i = 0; i < count; ++i) put_digit(tags[i]);
    put("\"}]}\n");
}
