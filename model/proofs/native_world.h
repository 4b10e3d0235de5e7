// SPDX-License-Identifier: Apache-2.0
//
// Where concrete readings of invariants take their values from, by the names under which the symbolic reading knows
// them: values of a counterexample, or values drawn at random.
//
// Invariant: the same question has the same answer for as long as the world exists.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/machine/bits.h"
#include "model/proofs/symbolic_subject.h"

namespace mtecheck::model::proofs {

/// A page as the translation tables of a world have it; what Region is to other machines.
struct NativePage {
    bool mapped = true;
    std::uint8_t level = 3;
    MemoryKind memory = MemoryKind::tagged;
    std::uint8_t ap = 1;
    std::uint64_t pa = 0;
    std::uint64_t start = 0;
};

class NativeWorld {
  public:
    NativeWorld() = default;
    virtual ~NativeWorld() = default;
    NativeWorld(const NativeWorld&) = delete;
    NativeWorld& operator=(const NativeWorld&) = delete;

    Uint128 variable(const std::string& name, unsigned width);
    std::uint64_t element(const std::string& array, std::uint64_t index, unsigned width);
    const NativePage& page(bool upper, std::uint64_t number, const AddressMapPolicy& policy);
    /// In the order in which a run asks.
    virtual unsigned way(unsigned ways) = 0;
    virtual unsigned choice(spec::DontCare reason, unsigned options) = 0;

    std::vector<std::uint32_t> opcodes; ///< that were executed
    /// Elements that were asked for, by array and index.
    const std::map<std::pair<std::string, std::uint64_t>, std::uint64_t>& elements() const { return elements_; }
    /// Those that were met, by half of the address space and address within it without its low 12 bits.
    const std::map<std::pair<bool, std::uint64_t>, NativePage>& pages() const { return pages_; }

  protected:
    virtual Uint128 new_variable(const std::string& name, unsigned width) = 0;
    virtual std::uint64_t new_element(const std::string& array, std::uint64_t index, unsigned width) = 0;
    virtual NativePage new_page(bool upper, std::uint64_t number, const AddressMapPolicy& policy) = 0;

  private:
    std::map<std::string, Uint128> variables_;
    std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> elements_;
    std::map<std::pair<bool, std::uint64_t>, NativePage> pages_;
};

/// The values of a counterexample; what it does not name is 0, a page that it did not meet is an ordinary one.
class ClaimedWorld final : public NativeWorld {
  public:
    explicit ClaimedWorld(const Claimed& claimed) : claimed_(claimed) {}

    unsigned way(unsigned ways) override;
    unsigned choice(spec::DontCare reason, unsigned options) override;

  private:
    Uint128 new_variable(const std::string& name, unsigned width) override;
    std::uint64_t new_element(const std::string& array, std::uint64_t index, unsigned width) override;
    NativePage new_page(bool upper, std::uint64_t number, const AddressMapPolicy& policy) override;

    const Claimed& claimed_;
    std::size_t ways_ = 0;    // asked
    std::size_t choices_ = 0; // made
};

/// Values drawn at random, with what matters drawn often: addresses of few pages, with few tags, and memory that holds
/// these tags.
class RandomWorld final : public NativeWorld {
  public:
    explicit RandomWorld(std::uint64_t seed) : seed_(seed) {}

    unsigned way(unsigned ways) override;
    unsigned choice(spec::DontCare reason, unsigned options) override;

  private:
    Uint128 new_variable(const std::string& name, unsigned width) override;
    std::uint64_t new_element(const std::string& array, std::uint64_t index, unsigned width) override;
    NativePage new_page(bool upper, std::uint64_t number, const AddressMapPolicy& policy) override;

    std::uint64_t draw();

    std::uint64_t seed_;
};

} // namespace mtecheck::model::proofs
