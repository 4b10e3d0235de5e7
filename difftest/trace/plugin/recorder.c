/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin for QEMU that records what `mtecheck trace` reads: a mtecheck-trace/1 of the instructions that may be of
 * MTE, by groups of encodings (loads and stores, tag arithmetic, system instructions), with the registers that they
 * name before and after, and the system registers that changed.
 *
 *   qemu-aarch64 -plugin recorder-10.0.so,out=run.jsonl program
 *   qemu-system-aarch64 -plugin recorder-11.1.so,out=run.jsonl,accesses=off ...
 *
 * accesses=off leaves out loads and stores but those of tags, of which a system makes very many; accesses=START-END
 * leaves out those at other addresses; from=ADDRESS and to=ADDRESS record instructions at these addresses only.
 *
 * Only callbacks before the execution of instructions are used: QEMU 10.0 drops tag checks of instructions that have a
 * callback on their memory accesses. What an instruction did is read before the next one, wherever that is; if that is
 * not behind it, an exception or a signal came between.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_api.h"

__attribute__((visibility("default"))) int qemu_plugin_version = PLUGIN_API;

enum { MOST_VCPUS = 64, MOST_SYSTEM = 64, GENERAL = 31, NO_REGISTER = 32 };

/* An instruction of the guest, for as long as QEMU lives: translations of it may. */
struct instruction {
    uint64_t pc;
    uint32_t opcode;
};

static FILE* out;
static bool system_mode;
static uint64_t accesses_from; /* where loads and stores are recorded that are not of tags */
static uint64_t accesses_to = UINT64_MAX;
static uint64_t from_pc;
static uint64_t to_pc = UINT64_MAX;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool in_range_only;       /* what changes control registers may be elsewhere */
static bool leaves_out_accesses; /* which may set TFSR_ELx */
static bool header_written;

static bool is_system_instruction(uint32_t opcode) { return opcode >> 24 == 0xd5; }

/* Groups of the index by encoding: a few instructions more than are judged do no harm. */
static bool is_recorded(uint64_t pc, uint32_t opcode) {
    const bool load_store = (opcode >> 25 & 0x5) == 0x4;
    const bool tag_load_store = opcode >> 24 == 0xd9 || (opcode >> 22 & 0x3f8) == 0x1a0;
    const bool add_tags = (opcode >> 23 & 0x3f) == 0x23;
    const bool two_sources = (opcode >> 21 & 0xff) == 0xd6;
    if (load_store) return tag_load_store || (pc >= accesses_from && pc <= accesses_to);
    return add_tags || two_sources || is_system_instruction(opcode) || (opcode & 0xffe0001fu) == 0xd4000001u;
}

#if PLUGIN_API >= 4

/* Registers that QEMU calls otherwise than Arm. */
static const char* const names[][2] = {
    {"SCTLR", "SCTLR_EL1"}, {"VBAR", "VBAR_EL1"}, {"CPACR", "CPACR_EL1"}, {"HCR_EL2", "HCR_EL2"}, {"SCR", "SCR_EL3"}};
/* System registers that the judge looks at. Those of IDs and constants are in the header. */
static const char* const constants[] = {"ID_AA64PFR0_EL1",  "ID_AA64PFR1_EL1",  "ID_AA64PFR2_EL1",  "ID_AA64ISAR0_EL1",
                                        "ID_AA64ISAR1_EL1", "ID_AA64ISAR2_EL1", "ID_AA64MMFR0_EL1", "ID_AA64MMFR1_EL1",
                                        "ID_AA64MMFR2_EL1", "GMID_EL1",         "DCZID_EL0"};
static const char* const watched[] = {"SCTLR_EL1", "SCTLR_EL2", "SCTLR_EL3", "TCR_EL1",  "TCR_EL2",   "TCR_EL3",
                                      "HCR_EL2",   "SCR_EL3",   "GCR_EL1",   "RGSR_EL1", "TFSR_EL1",  "TFSRE0_EL1",
                                      "TFSR_EL2",  "TFSR_EL3",  "VBAR_EL1",  "VBAR_EL2", "TTBR0_EL1", "TTBR1_EL1",
                                      "ESR_EL1",   "FAR_EL1",   "ELR_EL1",   "SPSR_EL1", "CPACR_EL1", "ESR_EL2",
                                      "FAR_EL2",   "ELR_EL2",   "SPSR_EL2",  "SP_EL0"};

struct system_register {
    const char* name;
    struct qemu_plugin_register* handle;
    uint64_t value;
    bool known;
};

struct place {
    uint64_t va;
    uint64_t pa;
};

struct vcpu {
    struct qemu_plugin_register* x[GENERAL];
    struct qemu_plugin_register* sp;
    struct qemu_plugin_register* cpsr;
    struct system_register constant[MOST_SYSTEM];
    struct system_register system[MOST_SYSTEM];
    unsigned constants;
    unsigned systems;
    GByteArray* bytes;
    const struct instruction* pending;
    unsigned registers[6]; /* that it names; 31 is SP */
    uint64_t values[6];
    uint64_t cpsr_before;
    struct place places[2]; /* in the pages that the pending instruction may access */
    unsigned place_count;
    char changed[4096]; /* system registers, as members of an object */
};

static struct vcpu vcpus[MOST_VCPUS];
static struct qemu_plugin_scoreboard* pending_board;

static qemu_plugin_u64 pending_entry(void) { return (qemu_plugin_u64){pending_board, 0}; }

static bool read_register(struct vcpu* cpu, struct qemu_plugin_register* handle, uint64_t* value) {
    if (handle == NULL) return false;
    g_byte_array_set_size(cpu->bytes, 0);
    qemu_plugin_read_register(handle, cpu->bytes);
    if (cpu->bytes->len == 0 || cpu->bytes->len > 8) return false;
    *value = 0;
    for (unsigned i = cpu->bytes->len; i-- > 0;) *value = *value << 8 | cpu->bytes->data[i];
    return true;
}

static const char* arm_name(const char* name) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
        if (strcmp(name, names[i][0]) == 0) return names[i][1];
    }
    return name;
}

static bool is_among(const char* name, const char* const* list, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (strcmp(name, list[i]) == 0) return true;
    }
    return false;
}

static void find_registers(struct vcpu* cpu) {
    const GArray* all = qemu_plugin_get_registers();
    const qemu_plugin_reg_descriptor* descriptors = (const void*)all->data;
    cpu->bytes = g_byte_array_new();
    for (unsigned i = 0; i < all->len; ++i) {
        const char* name = arm_name(descriptors[i].name);
        struct qemu_plugin_register* handle = descriptors[i].handle;
        char* end = NULL;
        const unsigned long number = name[0] == 'x' ? strtoul(name + 1, &end, 10) : GENERAL;
        if (end != NULL && *end == '\0' && number < GENERAL) {
            cpu->x[number] = handle;
        } else if (strcmp(name, "sp") == 0) {
            cpu->sp = handle;
        } else if (strcmp(name, "cpsr") == 0) {
            cpu->cpsr = handle;
        } else if (is_among(name, constants, sizeof constants / sizeof constants[0]) && cpu->constants < MOST_SYSTEM) {
            cpu->constant[cpu->constants++] = (struct system_register){name, handle, 0, false};
        } else if (is_among(name, watched, sizeof watched / sizeof watched[0]) && cpu->systems < MOST_SYSTEM) {
            cpu->system[cpu->systems++] = (struct system_register){name, handle, 0, false};
        }
    }
}

/* The system registers that changed since they were last read. */
static void read_system(struct vcpu* cpu, bool fault_status_only) {
    size_t used = strlen(cpu->changed);
    for (unsigned i = 0; i < cpu->systems; ++i) {
        struct system_register* reg = &cpu->system[i];
        uint64_t value = 0;
        if (fault_status_only && strncmp(reg->name, "TFSR", 4) != 0) continue;
        if (!read_register(cpu, reg->handle, &value) || (reg->known && reg->value == value)) continue;
        reg->value = value;
        reg->known = true;
        used += (size_t)snprintf(cpu->changed + used, sizeof cpu->changed - used, ",\"%s\":\"0x%llx\"", reg->name,
                                 (unsigned long long)value);
    }
}

/* The register that a tag check or IRG changes, even if it did not. */
static void write_status(struct vcpu* cpu, const char* name) {
    for (unsigned i = 0; i < cpu->systems; ++i) {
        struct system_register* reg = &cpu->system[i];
        uint64_t value = 0;
        if (strcmp(reg->name, name) != 0 || !read_register(cpu, reg->handle, &value)) continue;
        reg->value = value;
        reg->known = true;
        fprintf(out, ",\"%s\":\"0x%llx\"", name, (unsigned long long)value);
    }
}

static bool has_system(const struct vcpu* cpu, const char* name) {
    for (unsigned i = 0; i < cpu->systems; ++i) {
        if (strcmp(cpu->system[i].name, name) == 0) return true;
    }
    return false;
}

static void write_header(struct vcpu* cpu) {
    header_written = true;
    fprintf(out,
            "{\"schema\":\"mtecheck-trace/1\",\"producer\":\"QEMU plugin, interface %d\",\"complete\":false,"
            "\"scope\":\"%s\",\"el2\":%s,\"el3\":%s,\"registers\":{",
            PLUGIN_API, system_mode ? "system" : "process", has_system(cpu, "SCTLR_EL2") ? "true" : "false",
            has_system(cpu, "SCTLR_EL3") ? "true" : "false");
    const char* comma = "";
    for (unsigned i = 0; i < cpu->constants; ++i) {
        uint64_t value = 0;
        if (!read_register(cpu, cpu->constant[i].handle, &value)) continue;
        fprintf(out, "%s\"%s\":\"0x%llx\"", comma, cpu->constant[i].name, (unsigned long long)value);
        comma = ",";
    }
    fprintf(out, "}}\n");
}

static uint64_t read_general(struct vcpu* cpu, unsigned number) {
    uint64_t value = 0;
    read_register(cpu, number == GENERAL ? cpu->sp : cpu->x[number], &value);
    return value;
}

static void write_general(unsigned number, uint64_t value) {
    if (number == GENERAL) {
        fprintf(out, ",\"sp\":\"0x%llx\"", (unsigned long long)value);
    } else {
        fprintf(out, ",\"x%u\":\"0x%llx\"", number, (unsigned long long)value);
    }
}

#if PLUGIN_API >= 7

static int64_t signed_field(uint32_t opcode, unsigned low, unsigned width) {
    return (int64_t)((uint64_t)opcode << (64 - low - width)) >> (64 - width);
}

/* What an instruction adds to its base before it accesses memory: of loads and stores by the groups of the index by
 * encoding, C4.1 of the Arm ARM. What has no offset, or adds it afterwards, has 0. */
static int64_t offset_of(struct vcpu* cpu, uint32_t opcode) {
    const bool simd = (opcode >> 26 & 1) != 0;
    const unsigned size = simd && (opcode >> 23 & 1) != 0 ? 4 : opcode >> 30; /* log2 of the bytes of a register */
    const bool post_index = (opcode >> 10 & 3) == 1;
    if (opcode >> 24 == 0xd9 && (opcode >> 21 & 1) != 0) return post_index ? 0 : signed_field(opcode, 12, 9) * 16;
    if ((opcode & 0x3f200c00u) == 0x19000000u) return signed_field(opcode, 12, 9);
    if ((opcode & 0x3b000000u) == 0x39000000u) return (int64_t)((opcode >> 10 & 0xfff) << size);
    if ((opcode & 0x3b200000u) == 0x38000000u) return post_index ? 0 : signed_field(opcode, 12, 9);
    if ((opcode & 0x3b200c00u) == 0x38200800u) {
        const unsigned option = opcode >> 13 & 7;
        const unsigned Rm = opcode >> 16 & 31;
        uint64_t index = Rm == 31 ? 0 : read_general(cpu, Rm);
        if (option == 2) index = (uint32_t)index;
        if (option == 6) index = (uint64_t)(int64_t)(int32_t)index;
        return (int64_t)(index << ((opcode >> 12 & 1) != 0 ? size : 0));
    }
    if ((opcode & 0x3a000000u) == 0x28000000u) {
        const unsigned opc = opcode >> 30;
        const bool tags = opc == 1 && !simd && (opcode >> 22 & 1) == 0; /* STGP */
        const unsigned bytes = simd ? 2 + opc : tags ? 4 : 2 + (opc >> 1);
        return (opcode >> 23 & 3) == 1 ? 0 : signed_field(opcode, 15, 7) * (1 << bytes);
    }
    return 0;
}

/* Where the memory is that an instruction is about to access, as far as it is mapped: the first byte, and what of it
 * may be in the next page. That page told without need does no harm. */
static void translate(struct vcpu* cpu, uint32_t opcode) {
    enum { PAGE_BYTES = 4096, MOST_ACCESSED = 64 };
    cpu->place_count = 0;
    const bool load_store = (opcode >> 25 & 0x5) == 0x4;
    const bool operation = (opcode & 0xfff80000u) == 0xd5080000u && (opcode >> 12 & 15) == 7; /* DC, and others */
    if (!system_mode || (!load_store && !operation)) return;
    const unsigned base = operation ? opcode & 31 : opcode >> 5 & 31;
    if (operation && base == 31) return;
    const uint64_t va = read_general(cpu, base) + (operation ? 0 : (uint64_t)offset_of(cpu, opcode));
    const uint64_t next = va - va % PAGE_BYTES + PAGE_BYTES;
    const uint64_t at[2] = {va, next};
    for (unsigned i = 0; i < (!operation && va + MOST_ACCESSED > next ? 2 : 1); ++i) {
        struct place* place = &cpu->places[cpu->place_count];
        place->va = at[i];
        if (qemu_plugin_translate_vaddr(place->va, &place->pa)) ++cpu->place_count;
    }
}

#endif

/* Where execution goes on: the pending instruction is over. */
static void finish(unsigned index, uint64_t pc) {
    struct vcpu* cpu = &vcpus[index];
    const struct instruction* done = cpu->pending;
    if (done == NULL) return;
    cpu->pending = NULL;
    qemu_plugin_u64_set(pending_entry(), index, 0);
    const bool call = (done->opcode & 0xffe0001fu) == 0xd4000001u;
    const bool exception = pc != done->pc + 4 && !call;
    uint64_t cpsr = 0;
    read_register(cpu, cpu->cpsr, &cpsr);

    pthread_mutex_lock(&lock);
    fprintf(out, "{\"cpu\":%u,\"pc\":\"0x%llx\",\"op\":\"0x%08x\",\"before\":{\"pstate\":\"0x%llx\"", index,
            (unsigned long long)done->pc, done->opcode, (unsigned long long)cpu->cpsr_before);
    for (size_t i = 0; i < 6; ++i) {
        if (cpu->registers[i] != NO_REGISTER) write_general(cpu->registers[i], cpu->values[i]);
    }
    fputs(cpu->changed, out);
    cpu->changed[0] = '\0';
    fprintf(out, "},\"after\":{\"pstate\":\"0x%llx\"", (unsigned long long)cpsr);
    for (size_t i = 0; i < 6; ++i) {
        if (cpu->registers[i] < GENERAL || (cpu->registers[i] == GENERAL && !exception && !call))
            write_general(cpu->registers[i], read_general(cpu, cpu->registers[i]));
    }
    if ((done->opcode >> 21 & 0xff) == 0xd6) write_status(cpu, "RGSR_EL1");
    if ((done->opcode >> 25 & 0x5) == 0x4 && system_mode) {
        write_status(cpu, "TFSR_EL1");
        write_status(cpu, "TFSRE0_EL1");
    }
    if (exception && system_mode) {
        /* The same fault twice leaves what it left before. */
        write_status(cpu, "ESR_EL1");
        write_status(cpu, "FAR_EL1");
    }
    if (exception || is_system_instruction(done->opcode)) read_system(cpu, false);
    fputs(cpu->changed, out);
    cpu->changed[0] = '\0';
    fputs("}", out);
    for (unsigned i = 0; i < cpu->place_count; ++i) {
        fprintf(out, "%s{\"va\":\"0x%llx\",\"pa\":\"0x%llx\"}", i == 0 ? ",\"translations\":[" : ",",
                (unsigned long long)cpu->places[i].va, (unsigned long long)cpu->places[i].pa);
    }
    if (cpu->place_count != 0) fputc(']', out);
    if (exception) {
        /* An interrupt comes between instructions: it returns to the next one. */
        const unsigned to_el = (unsigned)(cpsr >> 2 & 3);
        bool interrupt = false;
        for (unsigned i = 0; i < cpu->systems && system_mode; ++i) {
            const char* elr = to_el == 2 ? "ELR_EL2" : "ELR_EL1";
            if (strcmp(cpu->system[i].name, elr) == 0) interrupt = cpu->system[i].value == done->pc + 4;
        }
        fprintf(out, ",\"exception\":\"%s\"", interrupt ? "interrupt" : "synchronous");
        if (system_mode && to_el != 0) fprintf(out, ",\"to_el\":%u", to_el);
    }
    fputs("}\n", out);
    pthread_mutex_unlock(&lock);
}

static void on_next(unsigned index, void* data) {
    if (index < MOST_VCPUS) finish(index, ((const struct instruction*)data)->pc);
}

static void on_recorded(unsigned index, void* data) {
    const struct instruction* instruction = data;
    if (index >= MOST_VCPUS) return;
    struct vcpu* cpu = &vcpus[index];
    finish(index, instruction->pc);
    if (cpu->bytes == NULL) return;
    pthread_mutex_lock(&lock);
    if (!header_written) write_header(cpu);
    pthread_mutex_unlock(&lock);
    if (in_range_only || (cpu->systems != 0 && !cpu->system[0].known)) {
        read_system(cpu, false);
    } else if (leaves_out_accesses) {
        read_system(cpu, true);
    }
    read_register(cpu, cpu->cpsr, &cpu->cpsr_before);
    /* Every field that may name a register, and the second of a pair. */
    const unsigned rs = instruction->opcode >> 16 & 31;
    const unsigned rt = instruction->opcode & 31;
    const unsigned fields[6] = {rt,
                                instruction->opcode >> 5 & 31,
                                instruction->opcode >> 10 & 31,
                                rs,
                                (rt & 30) + 1 < GENERAL ? (rt & 30) + 1 : NO_REGISTER,
                                (rs & 30) + 1 < GENERAL ? (rs & 30) + 1 : NO_REGISTER};
    unsigned count = 0;
    for (size_t i = 0; i < 6; ++i) {
        bool there = fields[i] == NO_REGISTER;
        for (unsigned k = 0; k < count; ++k) there = there || cpu->registers[k] == fields[i];
        if (!there) cpu->registers[count++] = fields[i];
    }
    const bool call = (instruction->opcode & 0xffe0001fu) == 0xd4000001u;
    if (call) {
        /* What a system call does to the memory map is in its number and arguments. */
        static const unsigned of_call[6] = {0, 1, 2, 3, 8, NO_REGISTER};
        memcpy(cpu->registers, of_call, sizeof of_call);
        count = 5;
    }
    for (unsigned i = count; i < 6; ++i) cpu->registers[i] = NO_REGISTER;
    for (unsigned i = 0; i < count; ++i) cpu->values[i] = read_general(cpu, cpu->registers[i]);
#if PLUGIN_API >= 7
    translate(cpu, instruction->opcode);
#endif
    cpu->pending = instruction;
    qemu_plugin_u64_set(pending_entry(), index, 1);
}

#if PLUGIN_API >= 7
static void on_vcpu(unsigned index, void* data) {
    (void)data;
#else
static void on_vcpu(qemu_plugin_id_t id, unsigned index) {
    (void)id;
#endif
    if (index < MOST_VCPUS) find_registers(&vcpus[index]);
}

#else

/* Without registers there is only the order of instructions. */
static void on_recorded(unsigned index, void* data) {
    const struct instruction* instruction = data;
    pthread_mutex_lock(&lock);
    if (!header_written) {
        header_written = true;
        fprintf(out,
                "{\"schema\":\"mtecheck-trace/1\",\"producer\":\"QEMU plugin, interface %d\",\"complete\":false,"
                "\"scope\":\"%s\"}\n",
                PLUGIN_API, system_mode ? "system" : "process");
    }
    fprintf(out, "{\"cpu\":%u,\"pc\":\"0x%llx\",\"op\":\"0x%08x\"}\n", index % MOST_VCPUS,
            (unsigned long long)instruction->pc, instruction->opcode);
    pthread_mutex_unlock(&lock);
}

#endif

static uint32_t opcode_of(const struct qemu_plugin_insn* insn) {
    uint32_t opcode = 0;
#if PLUGIN_API >= 4
    qemu_plugin_insn_data(insn, &opcode, sizeof opcode);
#else
    memcpy(&opcode, qemu_plugin_insn_data(insn), sizeof opcode);
#endif
    return opcode;
}

#if PLUGIN_API >= 7
static void on_translation(struct qemu_plugin_tb* tb, void* data) {
    (void)data;
#else
static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
    (void)id;
#endif
    const size_t count = qemu_plugin_tb_n_insns(tb);
    bool after_recorded = false;
    for (size_t i = 0; i < count; ++i) {
        struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
        const uint64_t pc = qemu_plugin_insn_vaddr(insn);
        const uint32_t opcode = opcode_of(insn);
        const bool recorded = is_recorded(pc, opcode) && pc >= from_pc && pc <= to_pc;
        if (recorded || after_recorded || i == 0) {
            struct instruction* instruction = malloc(sizeof *instruction);
            if (instruction == NULL) return;
            *instruction = (struct instruction){pc, opcode};
            if (recorded) {
                qemu_plugin_register_vcpu_insn_exec_cb(insn, on_recorded, QEMU_PLUGIN_CB_R_REGS, instruction);
            }
#if PLUGIN_API >= 4
            else {
                qemu_plugin_register_vcpu_insn_exec_cond_cb(insn, on_next, QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_COND_NE,
                                                            pending_entry(), 0, instruction);
            }
#endif
        }
        after_recorded = recorded;
    }
}

#if PLUGIN_API >= 7
static void on_end(void* data) {
#else
static void on_end(qemu_plugin_id_t id, void* data) {
    (void)id;
#endif
    (void)data;
    pthread_mutex_lock(&lock);
    fflush(out);
    pthread_mutex_unlock(&lock);
}

/* "on", "off", or an inclusive range of addresses of instructions. */
static bool parse_accesses(const char* text) {
    char* end = NULL;
    if (strcmp(text, "on") == 0) return true;
    leaves_out_accesses = true;
    if (strcmp(text, "off") == 0) {
        accesses_from = UINT64_MAX;
        accesses_to = 0;
        return true;
    }
    accesses_from = strtoull(text, &end, 0);
    if (end == text || *end != '-') return false;
    const char* const last = end + 1;
    accesses_to = strtoull(last, &end, 0);
    return end != last && *end == '\0';
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                                                               char** argv);
int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc, char** argv) {
    const char* file = "trace.jsonl";
    for (int i = 0; i < argc; ++i) {
        if (strncmp(argv[i], "out=", 4) == 0) {
            file = argv[i] + 4;
        } else if (strncmp(argv[i], "accesses=", 9) == 0) {
            if (!parse_accesses(argv[i] + 9)) {
                fprintf(stderr, "recorder: accesses is on, off or START-END, not %s\n", argv[i] + 9);
                return -1;
            }
        } else if (strncmp(argv[i], "from=", 5) == 0) {
            from_pc = strtoull(argv[i] + 5, NULL, 0);
            in_range_only = true;
        } else if (strncmp(argv[i], "to=", 3) == 0) {
            to_pc = strtoull(argv[i] + 3, NULL, 0);
            in_range_only = true;
        } else {
            fprintf(stderr, "recorder: no such option: %s\n", argv[i]);
            return -1;
        }
    }
    system_mode = info->system_emulation;
    out = fopen(file, "w");
    if (out == NULL) {
        perror(file);
        return -1;
    }
    setvbuf(out, NULL, _IOFBF, 1 << 20);
#if PLUGIN_API >= 4
    pending_board = qemu_plugin_scoreboard_new(sizeof(uint64_t));
#if PLUGIN_API >= 7
    qemu_plugin_register_vcpu_init_cb(id, on_vcpu, NULL);
#else
    qemu_plugin_register_vcpu_init_cb(id, on_vcpu);
#endif
#endif
#if PLUGIN_API >= 7
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation, NULL);
#else
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
#endif
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
    return 0;
}
