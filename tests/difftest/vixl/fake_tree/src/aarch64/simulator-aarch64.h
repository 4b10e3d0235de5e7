// SPDX-License-Identifier: Apache-2.0
//
// What the adapter uses of VIXL's interface, with a simulator behind it that knows LDR Xt, [Xn] and STR Xt, [Xn],
// checks tags as VIXL does, and complains as VIXL does. It skips MRS and MSR without a word, as VIXL skips most.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

namespace vixl {

struct CPUFeatures {
    enum Feature { kFP, kNEON, kMTE, kAtomics, kFlagM, kRCpc, kRCpcImm, kLORegions, kUSCAT };
    bool Has(Feature feature) const {
        return feature == kFP || feature == kNEON || feature == kMTE || feature == kUSCAT;
    }
};

namespace aarch64 {

struct Instruction {
    std::uint32_t word;
};
enum Reg31Mode { Reg31IsStackPointer, Reg31IsZeroRegister };

struct Decoder {
    void RemoveVisitor(void* /*visitor*/) {}
};

struct MetaDataDepot {
    struct MetaDataMTE {
        static void SetActive(bool active) { is_active() = active; }
        static bool& is_active() {
            static bool active = false;
            return active;
        }
    };
};

struct SystemRegister {
    std::uint32_t value = 0;
    void SetRawValue(std::uint32_t to) { value = to; }
    std::uint32_t GetRawValue() const { return value; }
};

class Simulator {
  public:
    enum RegLogMode { LogRegWrites, NoRegLog };
    enum BranchLogMode { LogBranches, NoBranchLog };
    struct qreg_t {
        std::uint8_t val[16];
    };

    explicit Simulator(Decoder* /*decoder*/) {}
    void SilenceExclusiveAccessWarning() {}
    CPUFeatures* GetCPUFeatures() { return &features_; }
    void WriteXRegister(unsigned n, std::int64_t value, RegLogMode, Reg31Mode = Reg31IsZeroRegister) { x_[n] = value; }
    std::int64_t ReadXRegister(unsigned n, Reg31Mode = Reg31IsZeroRegister) const { return x_[n]; }
    void WriteQRegister(unsigned n, qreg_t value, RegLogMode) { q_[n] = value; }
    qreg_t ReadQRegister(unsigned n) const { return q_[n]; }
    SystemRegister& ReadNzcv() { return nzcv_; }
    void SetGranuleTag(std::uint64_t address, int tag) { tags_[address >> 4] = tag; }
    int GetGranuleTag(std::uint64_t address) const { return tags_.at(address >> 4); }
    const Instruction* ReadPc() const { return pc_; }
    void WritePc(const Instruction* pc, BranchLogMode) { pc_ = pc; }

    void ExecuteInstruction() {
        const std::uint32_t word = pc_->word;
        const unsigned Rn = word >> 5 & 31;
        const unsigned Rt = word & 31;
        if ((word & 0xfffffc00u) == 0xf9400000u) {
            std::memcpy(&x_[Rt], checked(x_[Rn]), 8);
        } else if ((word & 0xfffffc00u) == 0xf9000000u) {
            std::memcpy(checked(x_[Rn]), &x_[Rt], 8);
        } else if (word == 0) {
            printf("UDF (permanently undefined) instruction at %p: 0x%08x\n", static_cast<const void*>(pc_), word);
            std::abort();
        } else if (word == 0xd65f03c0u) { // ret: to show what an unknown complaint does
            printf("%sin %s, line %i\n", "GCS failed ", __FILE__, __LINE__);
            std::abort();
        } else if (word >> 24 == 0x14) {
            return; // b: to itself
        } else if (word >> 20 != 0xd53 && word >> 20 != 0xd51 && word != 0xd503201fu) {
            printf("Unimplemented instruction at %p: 0x%08x\n", static_cast<const void*>(pc_), word);
        }
        ++pc_;
    }

  private:
    void* checked(std::int64_t address) {
        const std::uint64_t bare = static_cast<std::uint64_t>(address) & 0x00ffffffffffffff;
        if (MetaDataDepot::MetaDataMTE::is_active()) {
            const auto tag = tags_.find(bare >> 4);
            if (tag == tags_.end()) complain("MTE ERROR : touched a unallocated memory location.\n");
            if (tag->second != (address >> 56 & 15)) complain("Tag mismatch.");
        }
        return reinterpret_cast<void*>(bare);
    }
    [[noreturn]] static void complain(const char* text) {
        printf("%sin %s, line %i\n", text, __FILE__, __LINE__);
        std::abort();
    }

    CPUFeatures features_;
    std::int64_t x_[32]{};
    qreg_t q_[32]{};
    SystemRegister nzcv_;
    std::map<std::uint64_t, int> tags_;
    const Instruction* pc_ = nullptr;
};

} // namespace aarch64
} // namespace vixl
