// SPDX-License-Identifier: Apache-2.0
//
// Tarmac in both dialects: what is read of it, what is passed over, and what is skipped and counted.
#include "difftest/trace/tarmac.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "difftest/core/error.h"
#include "difftest/trace/report.h"

namespace mtecheck::difftest {
namespace {

std::vector<TraceRecord> read(TarmacReader& reader) {
    std::vector<TraceRecord> records(1);
    while (reader.next(records.back())) records.emplace_back();
    records.pop_back();
    return records;
}

std::vector<TraceRecord> read(const std::string& text, std::uint64_t skipped = 0) {
    TarmacReader reader(std::make_unique<LineReader>("file", text));
    const auto records = read(reader);
    for (const auto& line : reader.first_skipped()) UNSCOPED_INFO(line.line << ": " << line.why);
    CHECK(reader.skipped() == skipped);
    return records;
}

const std::string kIt = "0 clk cpu0 E 00000000 00000001 CoreEvent_RESET\n"
                        "1 clk cpu0 IT (1) 00001000 91801401 O EL0t_n : ADDG     x1,x0,#0,#5\n"
                        "1 clk cpu0 R X1 0500000000100000\n"
                        "2 clk cpu0 IT (2) 00001004:000080001004_NS d9200821 O EL0t_n : STG      x1,[x1]\n"
                        "3 clk cpu0 IT (3) 00001008:000080001008_NS d9600022 O EL0t_n : LDG      x2,[x1]\n"
                        "3 clk cpu0 R X2 0500000000000000\n"
                        "4 clk cpu0 IT (4) 0000100c:00008000100c_NS f9400023 O EL0t_n : LDR      x3,[x1,#0]\n"
                        "4 clk cpu0 MR8 0500000000100000:000090000000_NS 00000000_00000077\n"
                        "4 clk cpu0 R X3 0000000000000077\n"
                        "5 clk cpu0 IT (5) 00001010:000080001010_NS f9400004 O EL0t_n : LDR      x4,[x0,#0]\n"
                        "5 clk cpu0 MR8 00100000:000090000000_NS (ABORTED)\n"
                        "5 clk cpu0 E 00001010 00000004 CoreEvent_LOWER_64_SYNC\n"
                        "5 clk cpu0 R ESR_EL1 0000000092000011\n"
                        "5 clk cpu0 R FAR_EL1 0000000000100000\n"
                        "5 clk cpu0 R cpsr 000003c5\n"
                        "6 clk cpu0 IT (6) 00008400 d503201f O EL1h_n : NOP\n";

const std::string kEs = "Tarmac Text Rev 3t\n"
                        "     100 ns  ES  EXC [0x00] Reset\n"
                        "     541481 ns  ES  (0000000000001000:91801401) O el0t_ns:         ADDG     x1,x0,#0,#5\n"
                        "                    R X1 05000000 00100000\n"
                        "     541482 ns  ES  (0000000000001004:d9200821) O el0t_ns:         STG      x1,[x1]\n"
                        "     541483 ns  ES  (0000000000001008:d9600022) O el0t_ns:         LDG      x2,[x1]\n"
                        "                    R X2 05000000 00000000\n"
                        "     541484 ns  ES  (000000000000100c:a9400c23) O el0t_ns:         LDP      x3,x3,[x1,#0]\n"
                        "                    LD 0000000000100000  ........ ....6655 44332211 00000077  NS:000090000000"
                        "    NM ISH IWBRWA\n"
                        "                       0000000000100010  ........ ........ ........ ......##  NS:000090000010"
                        "    NM ISH\n"
                        "                    R X3 0000000000000077\n"
                        "                    EXC [0x480] IRQ Lower EL using AArch64\n";

TEST_CASE("Tarmac of models is read") {
    const auto records = read(kIt);
    REQUIRE(records.size() == 7); // the first is what comes before any instruction
    CHECK_FALSE(records[0].has_opcode);
    CHECK(records[1].pc == 0x1000);
    CHECK(records[1].opcode == 0x91801401);
    CHECK(records[1].el == 0);
    CHECK(records[1].spsel == 0);
    CHECK(records[1].line == 2);
    REQUIRE(records[1].after.size() == 1);
    CHECK(records[1].after[0].value == 0x0500000000100000);
    REQUIRE(records[4].accesses.size() == 1);
    const MemoryAccess& access = records[4].accesses[0];
    CHECK(access.va == 0x0500000000100000);
    CHECK(access.has_pa);
    CHECK(access.size == 8);
    CHECK(access.known == 0xff);
    CHECK(access.data[0] == 0x77);
    CHECK(records[5].accesses.empty());
    CHECK(records[5].exception == TraceRecord::Exception::synchronous);
    CHECK(records[5].after.size() == 3);
    CHECK(records[6].el == 1);
    CHECK(records[6].spsel == 1);
}

TEST_CASE("Tarmac of RTL is read, with data that go on in the next line") {
    const auto records = read(kEs);
    REQUIRE(records.size() == 4);
    CHECK(records[0].after[0].value == 0x0500000000100000);
    const TraceRecord& load = records[3];
    REQUIRE(load.accesses.size() == 2);
    CHECK(load.accesses[0].va == 0x100000);
    CHECK(load.accesses[0].known == 0x3ff);
    CHECK(load.accesses[0].data[0] == 0x77);
    CHECK(load.accesses[0].data[9] == 0x66);
    CHECK(load.accesses[1].va == 0x100010);
    CHECK(load.accesses[1].known == 0);
    CHECK(load.exception == TraceRecord::Exception::interrupt);
}

TEST_CASE("values of Tarmac come in many ways") {
    const std::string nop = "1 clk IT (1) 00001000 d503201f O EL1h_n : NOP\n";
    const auto value = [&](const std::string& text) {
        const auto records = read(nop + "R " + text + "\n");
        REQUIRE(records.size() == 1);
        REQUIRE(records[0].after.size() == 1);
        return records[0].after[0];
    };
    CHECK(value("X0 01234567 89abcdef").value == 0x0123456789abcdef);
    CHECK(value("X0 01234567_89abcdef").value == 0x0123456789abcdef);
    CHECK(value("SP_EL2 fedcba98:76543210").value == 0xfedcba9876543210);
    CHECK(value("X0 -------- 89abcdef").known == 0xffffffff);
    CHECK(value("X0 xxxxxxxx 89abcdef").unknown == std::uint64_t{0xffffffff} << 32);
    CHECK(value("X0 00000000").known == ~std::uint64_t{0});
    CHECK(value("RGSR_EL1 00000000_00ffff01").id == RegisterId::system(spec::Reg::RGSR_EL1));
    const auto cpsr = value("cpsr 1220023cd __C_");
    CHECK(cpsr.id == RegisterId::pstate());
    CHECK((cpsr.value & cpsr.known) == 0x2000000d);
    // Not of this state, or of no interest.
    for (const char* other : {"r0 (USR) 00000000", "V0<127:64> ffeeddccbbaa9988", "Q1 42211549420dd96e41fed91542211526",
                              "TLBI ALLE3 00000000:00000000", "DC CISW 00000000:00000000", "FPCR 01230123"}) {
        CHECK(read(nop + "2 clk R " + other + "\n")[0].after.empty());
    }
    CHECK(read("6000000 cs IT (00000000004d6eb8) 54fffea1 O  ---_- :        b.ne\t0x4d6e8c\n"
               "6000001 cs R08 0000007f99d14af4 4305000042ea0000\n")[0]
              .pc == 0x4d6eb8);
    CHECK(read("180000140000 ps MR8 0000010006fffcc0:010116fffcc0_NS 00000100_05101000\n")[0].accesses.size() == 1);
    CHECK(read("271ns IT (1) 00001000 d503201f O EL1h_n : NOP\n").size() == 1);
}

TEST_CASE("processors of a Tarmac trace are told apart") {
    const auto records = read("0 clk cpu0 IT (1) 00001000 d503201f O EL1h_n : NOP\n"
                              "0 clk cpu1 R X0 0000000000000001\n"
                              "0 clk top.cluster0.cpu0 IT (1) 00001000 d503201f O EL1h_n : NOP\n"
                              "0 clk cpu0 R X1 0000000000000001\n");
    REQUIRE(records.size() == 4);
    CHECK(records[0].cpu == 0);
    CHECK(records[1].cpu == 1);
    CHECK(records[2].cpu == 2);
    CHECK(records[3].cpu == 0);
}

TEST_CASE("lines of Tarmac that cannot be read leave a gap, and are counted") {
    const auto gap = [](const std::string& line) {
        const auto records = read("1 clk IT (1) 00001000 d503201f O EL1h_n : NOP\n" + line +
                                      "\n3 clk IT (3) 00001008 d503201f O EL1h_n : NOP\n",
                                  1);
        return records.size() >= 2 && records.back().pc == 0x1008 &&
               std::any_of(records.begin(), records.end(), [](const auto& record) { return record.after_a_gap; });
    };
    CHECK(gap("2 clk IT (2) 00001004 fa000000 A svc_s : BLX      {pc}+8"));
    CHECK(gap("2 clk IT (2) 00001004 zz000000 O EL1h_n :"));
    CHECK(gap("2 clk IT (2"));
    CHECK(gap("2 clk R X0"));
    CHECK(gap("2 clk MR8 00001000 00"));
    CHECK(gap("2 clk MR8 zz 00000000_00000000"));
    CHECK(gap("2 clk MW8 00001000 00000000_000000zz"));
    CHECK(gap("2 clk LD 00001000 00000000"));
    CHECK(gap("2 tic ES  (0000aaaaabaf59f0:--------) O el0t_ns:"));
    CHECK(gap("2 clk E 0 0 CoreEvent_RESET"));
    CHECK(gap("2 clk R X0 " + std::string(3 << 20, '0')));
    CHECK_THROWS_AS(read("not a trace\n"), InputError);
    CHECK_THROWS_AS(read(""), InputError);
}

TEST_CASE("a Tarmac trace is judged") {
    TarmacReader reader(std::make_unique<LineReader>("file", kIt));
    LockstepSettings settings;
    settings.features.add(spec::Feature::FEAT_MTE);
    settings.features.add(spec::Feature::FEAT_MTE2);
    settings.memory = MemoryIs::tagged;
    const auto set = [&](const char* name, std::uint64_t value) {
        settings.registers.push_back({RegisterId::named(name).value(), value});
    };
    set("SCTLR_EL1", 0x44000000005);
    set("TCR_EL1", 0x6000100010);
    set("GCR_EL1", 0);
    set("PSTATE", 0);
    set("X0", 0x100000);
    set("X2", 0);
    const TraceResult result = judge_trace(reader, settings);
    CHECK(result.judged.agreed == 5);
    CHECK(result.judged.diverged == 0);
    CHECK(result.judged.unknown == 0);
    CHECK(result.adopted == 1);
}

} // namespace
} // namespace mtecheck::difftest
