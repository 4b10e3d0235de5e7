/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few functions of QEMU's documented plugin interface that the recorder calls, and of GLib those that hand over
 * registers: packages of QEMU do not come with a header. PLUGIN_API is the version of the interface to build for:
 * 1 (QEMU 7.2), 4 (10.0), 7 (11.1). Two callbacks have other arguments from 7 on, and 1 has no registers.
 */
#ifndef MTECHECK_DIFFTEST_TRACE_PLUGIN_API_H
#define MTECHECK_DIFFTEST_TRACE_PLUGIN_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t qemu_plugin_id_t;

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_scoreboard;
struct qemu_plugin_register;

/* Only the beginning: the rest differs. */
typedef struct {
    const char* target_name;
    struct {
        int min;
        int cur;
    } version;
    bool system_emulation;
} qemu_info_t;

typedef struct {
    struct qemu_plugin_scoreboard* score;
    size_t offset;
} qemu_plugin_u64;

typedef struct {
    struct qemu_plugin_register* handle;
    const char* name;
    const char* feature;
#if PLUGIN_API >= 7
    bool is_readonly;
#endif
} qemu_plugin_reg_descriptor;

typedef struct {
    char* data;
    unsigned len;
} GArray;

typedef struct {
    uint8_t* data;
    unsigned len;
} GByteArray;

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_CB_R_REGS };
enum qemu_plugin_cond { QEMU_PLUGIN_COND_NEVER, QEMU_PLUGIN_COND_ALWAYS, QEMU_PLUGIN_COND_EQ, QEMU_PLUGIN_COND_NE };

typedef void (*exec_callback)(unsigned vcpu, void* data);
#if PLUGIN_API >= 7
typedef void (*tb_trans_callback)(struct qemu_plugin_tb* tb, void* data);
typedef void (*vcpu_callback)(unsigned vcpu, void* data);
typedef void (*exit_callback)(void* data);
void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, vcpu_callback callback, void* data);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_callback callback, void* data);
#else
typedef void (*tb_trans_callback)(qemu_plugin_id_t id, struct qemu_plugin_tb* tb);
typedef void (*vcpu_callback)(qemu_plugin_id_t id, unsigned vcpu);
typedef void (*exit_callback)(qemu_plugin_id_t id, void* data);
void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, vcpu_callback callback);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_callback callback);
#endif

void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn* insn, exec_callback callback,
                                            enum qemu_plugin_cb_flags flags, void* data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, exit_callback callback, void* data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* tb);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn* insn);

#if PLUGIN_API >= 4
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn* insn, void* to, size_t size);
void qemu_plugin_register_vcpu_insn_exec_cond_cb(struct qemu_plugin_insn* insn, exec_callback callback,
                                                 enum qemu_plugin_cb_flags flags, enum qemu_plugin_cond condition,
                                                 qemu_plugin_u64 entry, uint64_t value, void* data);
struct qemu_plugin_scoreboard* qemu_plugin_scoreboard_new(size_t size);
void qemu_plugin_u64_set(qemu_plugin_u64 entry, unsigned vcpu, uint64_t value);
GArray* qemu_plugin_get_registers(void);
#if PLUGIN_API >= 7
bool qemu_plugin_read_register(struct qemu_plugin_register* handle, GByteArray* to);
bool qemu_plugin_translate_vaddr(uint64_t va, uint64_t* pa); /* of the virtual CPU that calls; not in user mode */
#else
int qemu_plugin_read_register(struct qemu_plugin_register* handle, GByteArray* to);
#endif
GByteArray* g_byte_array_new(void);
GByteArray* g_byte_array_set_size(GByteArray* array, unsigned size);
#else
const void* qemu_plugin_insn_data(const struct qemu_plugin_insn* insn);
#endif

#endif
