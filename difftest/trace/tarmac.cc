// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/tarmac.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/trace/lockstep.h"

namespace mtecheck::difftest {

namespace {

constexpr std::uint64_t kLinesWithoutEvents = 10000;
constexpr std::size_t kMostOfARecord = 256; // registers, or accesses
constexpr unsigned kImageBytes = 16;        // of LD and ST
/// What of the register that Tarmac calls cpsr is PSTATE in all producers: NZCV and M[3:0].
constexpr std::uint64_t kReliableCPSR = 0xf000000f;
/// Tells the physical address spaces apart.
constexpr std::uint64_t kNonSecure = std::uint64_t{1} << 50;

constexpr std::array<std::string_view, 8> kUnits{"clk", "ps", "ns", "cs", "us", "tic", "cyc", "cycles"};

bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
           c == '#' || c == '-';
}

bool is_decimal(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool hex_value(std::string_view text, std::uint64_t& out) {
    if (text.empty() || text.size() > 16) return false;
    out = 0;
    for (const char c : text) {
        const int digit = hex_digit(c);
        if (digit < 0) return false;
        out = out << 4U | static_cast<unsigned>(digit);
    }
    return true;
}

bool is_unit(std::string_view text) { return std::find(kUnits.begin(), kUnits.end(), text) != kUnits.end(); }

enum class Event : std::uint8_t {
    none,
    instruction_it,
    instruction_es,
    not_executed,
    reg,
    contiguous,
    load,
    store,
    exception_it,
    exception_es,
    other,
};

Event event_of(std::string_view word) {
    switch (word.empty() ? '\0' : word.front()) {
    case 'I':
        if (word == "IT" || word == "IF") return Event::instruction_it;
        return word == "IS" ? Event::not_executed : Event::none;
    case 'E':
        if (word == "ES") return Event::instruction_es;
        if (word == "E") return Event::exception_it;
        return word == "EXC" ? Event::exception_es : Event::none;
    case 'R':
        if (word == "R") return Event::reg;
        return word.size() == 3 && word[1] == '0' ? Event::contiguous : Event::none;
    case 'W': return word.size() == 3 && word[1] == '0' ? Event::contiguous : Event::none;
    case 'M':
        return word.size() >= 3 && word.find_first_of("RW") != std::string_view::npos && word.size() <= 8
                   ? Event::contiguous
                   : Event::none;
    case 'L': return word == "LD" ? Event::load : Event::none;
    case 'S': return word == "ST" ? Event::store : Event::none;
    case 'B': return word == "BR" ? Event::other : Event::none;
    case 'C': return word == "CADI" ? Event::other : Event::none;
    default: return Event::none;
    }
}

} // namespace

/// What is left of a line, by words and single other characters.
class TarmacReader::Line {
  public:
    explicit Line(std::string_view text) : p_(text.data()), end_(text.data() + text.size()) {}

    /// The next word or character; empty at the end.
    std::string_view peek() {
        while (p_ != end_ && (*p_ == ' ' || *p_ == '\t')) ++p_;
        if (p_ == end_) return {};
        const char* q = p_;
        while (q != end_ && is_word(*q)) ++q;
        return std::string_view(p_, static_cast<std::size_t>(std::max<std::ptrdiff_t>(q - p_, 1)));
    }
    std::string_view take() {
        const std::string_view word = peek();
        p_ += word.size();
        return word;
    }
    bool take(char c) {
        const std::string_view word = peek();
        if (word.size() != 1 || word.front() != c) return false;
        ++p_;
        return true;
    }
    bool hex(std::uint64_t& out) { return hex_value(take(), out); }
    /// Whether anything is before the next word: Tarmac indents what belongs to the line before.
    bool contains(std::string_view part) const {
        return std::string_view(p_, static_cast<std::size_t>(end_ - p_)).find(part) != std::string_view::npos;
    }

    bool is_reset() const { return contains("RESET") || contains("Reset"); }

    // ---- the parts of events; false if they are not as they should be ----

    /// A physical address, with the name of its space behind or, before a colon, in front of it.
    bool physical(std::uint64_t& out) {
        std::string_view word = take();
        if (word == "NS" || word == "S" || word == "N" || word == "RL" || word == "RT") {
            const bool non_secure = word.front() == 'N';
            if (!take(':') || !hex(out)) return false;
            if (non_secure) out |= kNonSecure;
            return true;
        }
        const std::size_t space = word.find('_');
        const bool non_secure = space != std::string_view::npos && word.substr(space + 1).starts_with('N');
        if (!hex_value(word.substr(0, space), out)) return false;
        if (non_secure) out |= kNonSecure;
        return true;
    }

    /// "EL3h_s": the Exception level, and which stack pointer it uses. Other producers write something else there.
    void mode(TraceRecord& out) {
        const std::string_view word = take();
        if (word.size() < 4 || (word[0] | 0x20) != 'e' || (word[1] | 0x20) != 'l') return;
        if (word[2] < '0' || word[2] > '3' || (word[3] != 'h' && word[3] != 't')) return;
        out.el = static_cast<std::uint8_t>(word[2] - '0');
        out.spsel = word[3] == 'h' ? 1 : 0;
    }

    /// (number) va[:pa[,pa]] opcode O mode, or (va) opcode O mode
    const char* it(TraceRecord& out) {
        std::uint64_t bracketed = 0;
        bool has_bracketed = false;
        if (take('(')) {
            std::string_view word = take();
            if (take(':')) word = take();
            has_bracketed = hex_value(word, bracketed);
            if (!take(')')) return "there is no ) after the number of the instruction";
        }
        const std::string_view first = take();
        std::uint64_t value = 0;
        if (!hex_value(first, value)) return "the address of the instruction is not hexadecimal";
        if (take(':')) {
            std::uint64_t pa = 0;
            if (!physical(pa)) return "the physical address of the instruction cannot be read";
            if (take(',') && !physical(pa)) return "the physical address of the instruction cannot be read";
        }
        std::string_view second = take();
        std::uint64_t opcode = 0;
        if (second == "O") {
            if (!has_bracketed || first.size() != 8) return "there is no instruction word";
            out.pc = bracketed;
            opcode = value;
        } else {
            if (second.size() != 8 || !hex_value(second, opcode)) return "the instruction word is not 8 digits";
            out.pc = value;
            second = take();
        }
        return finish(second, opcode, out);
    }

    /// (pc:opcode) O mode
    const char* es(TraceRecord& out) {
        if (!take('(')) return "there is no ( before the address of the instruction";
        if (!hex(out.pc)) return "the address of the instruction is not hexadecimal";
        if (!take(':')) return "there is no : after the address of the instruction";
        const std::string_view word = take();
        if (!word.empty() && word.find_first_not_of('-') == std::string_view::npos) return "it was not fetched";
        std::uint64_t opcode = 0;
        if (word.size() != 8 || !hex_value(word, opcode)) return "the instruction word is not 8 digits";
        if (!take(')')) return "there is no ) after the instruction word";
        return finish(take(), opcode, out);
    }

    const char* finish(std::string_view instruction_set, std::uint64_t opcode, TraceRecord& out) {
        if (instruction_set != "O") return "it is not an instruction of AArch64";
        if ((out.pc & 3) != 0) return "the address of the instruction is not a multiple of 4";
        mode(out);
        out.opcode = static_cast<std::uint32_t>(opcode);
        out.has_opcode = true;
        return nullptr;
    }

    /// name [(detail)] [<high:low>] digits...
    const char* reg(TraceRecord& out) {
        const std::string_view name = take();
        const auto id = RegisterId::named(name);
        if (!id) return name.empty() ? "there is no name of a register" : nullptr;
        if (take('(')) {
            // A register of AArch32, or a bank of one.
            return nullptr;
        }
        if (peek() == "<") return nullptr; // only vectors are written in parts
        std::array<char, 64> digits{};
        std::size_t count = 0;
        const bool cpsr = *id == RegisterId::pstate();
        while (true) {
            const std::string_view word = peek();
            if (word.empty() || word.find_first_not_of("0123456789abcdefABCDEF-xX_") != std::string_view::npos) break;
            if (cpsr && count != 0) break; // flags for people may follow
            take();
            for (const char c : word) {
                if (c == '_') continue;
                if (count == digits.size()) return "the value of the register is too long";
                digits[count++] = c;
            }
            take(':');
        }
        if (count == 0) return "there is no value of the register";
        RegisterValue value{*id, 0, 0, 0};
        const std::size_t from = count > 16 ? count - 16 : 0;
        bool zero = true;
        for (std::size_t i = from; i < count; ++i) {
            const int digit = hex_digit(digits[i]);
            value.value = value.value << 4U | static_cast<unsigned>(std::max(digit, 0));
            value.known = value.known << 4U | (digit >= 0 ? 0xfU : 0U);
            value.unknown = value.unknown << 4U | (digits[i] == 'x' || digits[i] == 'X' ? 0xfU : 0U);
            zero = zero && digit == 0;
        }
        // Zeros may be abbreviated. A write of 32 bits of a general register is not one of AArch64.
        if (count < 16 && zero) value.known = ~std::uint64_t{0};
        if (count < 16 && !zero && id->is_x()) value.unknown |= ~std::uint64_t{0} << (4 * count);
        if (count < 16 && !zero && id->is_system()) value.known = ~std::uint64_t{0};
        if (cpsr) value.known &= kReliableCPSR;
        if (out.after.size() == kMostOfARecord) return "its instruction has too many registers";
        out.after.push_back(value);
        return nullptr;
    }

    /// MR8 va[:pa] digits: the most significant first.
    const char* contiguous(std::string_view event, TraceRecord& out) {
        if (event.size() == 8 && (event.back() == 'I' || event.back() == 'A')) return nullptr; // fetches
        MemoryAccess access;
        access.write = event.find('W') != std::string_view::npos;
        const std::size_t at = event.find_first_of("0123456789");
        if (at == std::string_view::npos) return nullptr; // another event that begins like this
        unsigned size = 0;
        for (std::size_t i = at; i < event.size() && event[i] >= '0' && event[i] <= '9'; ++i)
            size = 10 * size + static_cast<unsigned>(event[i] - '0');
        if (size == 0 || size > 64) return "the size of the access is none";
        std::string_view word = take();
        if (word == "X" || word == "x") word = take(); // of an exclusive access
        if (!hex_value(word, access.va)) return "the address is not hexadecimal";
        if (take(':')) {
            if (!physical(access.pa)) return "the physical address cannot be read";
            access.has_pa = true;
        }
        if (peek() == "(") return contains("ABORT") ? nullptr : "the data are not hexadecimal";
        std::array<char, 128> digits{};
        std::size_t count = 0;
        while (count < 2 * size) {
            word = take();
            if (word.empty()) return "there are fewer data than the access has";
            for (const char c : word) {
                if (c == '_') continue;
                if (hex_digit(c) < 0 || count == digits.size()) return "the data are not hexadecimal";
                digits[count++] = c;
            }
            take(':');
        }
        if (count != 2 * size) return "there are more data than the access has";
        for (unsigned begin = 0; begin < size; begin += kImageBytes) {
            MemoryAccess piece = access;
            piece.va += begin;
            piece.pa += begin;
            piece.size = static_cast<std::uint8_t>(std::min(kImageBytes, size - begin));
            for (unsigned i = 0; i < piece.size; ++i) {
                const std::size_t digit = 2 * (size - 1 - begin - i);
                piece.data[i] = static_cast<std::uint8_t>(hex_digit(digits[digit]) << 4 | hex_digit(digits[digit + 1]));
                piece.known = static_cast<std::uint16_t>(piece.known | 1U << i);
            }
            if (out.accesses.size() == kMostOfARecord) return "its instruction has too many accesses";
            out.accesses.push_back(piece);
        }
        return nullptr;
    }

    /// va, 16 bytes, the highest address first; [space:]pa
    const char* image(bool write, TraceRecord& out) {
        MemoryAccess access;
        access.write = write;
        access.size = kImageBytes;
        if (!hex(access.va)) return "the address is not hexadecimal";
        std::array<char, 2 * kImageBytes> digits{};
        std::size_t count = 0;
        while (count < digits.size()) {
            const std::string_view word = take();
            if (word.empty() || count + word.size() > digits.size()) return "there are not 16 bytes";
            for (const char c : word) digits[count++] = c;
        }
        for (unsigned i = 0; i < kImageBytes; ++i) {
            const std::size_t digit = 2 * (kImageBytes - 1 - i);
            const int high = hex_digit(digits[digit]);
            const int low = hex_digit(digits[digit + 1]);
            if (high < 0 || low < 0) {
                const char c = digits[digit];
                if (c != '.' && c != '#' && c != '-') return "a byte is neither digits nor ..";
                continue;
            }
            access.data[i] = static_cast<std::uint8_t>(high << 4 | low);
            access.known = static_cast<std::uint16_t>(access.known | 1U << i);
        }
        if (!peek().empty()) {
            if (!physical(access.pa)) return "the physical address cannot be read";
            access.has_pa = true;
        }
        if (out.accesses.size() == kMostOfARecord) return "its instruction has too many accesses";
        out.accesses.push_back(access);
        return nullptr;
    }

    /// "... CoreEvent_CURRENT_SPx_SYNC", or "[0x200] Synchronous Current EL with SP_ELx"
    const char* exception(bool core_event, TraceRecord& out) {
        using Exception = TraceRecord::Exception;
        if (core_event && !contains("CoreEvent")) return nullptr; // of a debugger
        if (is_reset()) return nullptr;
        const bool synchronous = core_event ? contains("SYNC") : contains("Synchronous");
        out.exception = synchronous ? Exception::synchronous : Exception::interrupt;
        return nullptr;
    }

  private:
    const char* p_;
    const char* end_;
};

TarmacReader::TarmacReader(std::unique_ptr<LineReader> lines) : lines_(std::move(lines)) {
    // The first record shows whether this is Tarmac: it is read here, and given later.
    std::string_view line;
    TraceRecord none;
    while (events_ == 0 && lines_->number() < kLinesWithoutEvents && lines_->next(line)) take(line, none);
    if (events_ == 0) throw InputError(lines_->file(), "", "this is no Tarmac trace: no line of it is an event");
}

std::uint32_t TarmacReader::cpu_named(std::string_view name) {
    if (name == recent_name_) return recent_cpu_;
    const auto found = cpus_.find(std::string(name));
    if (found == cpus_.end() && cpus_.size() == kMostCpus) return kMostCpus;
    recent_name_ = name;
    recent_cpu_ = found != cpus_.end()
                      ? found->second
                      : cpus_.emplace(recent_name_, static_cast<std::uint32_t>(cpus_.size())).first->second;
    return recent_cpu_;
}

/// The pending record goes out; one that is short of something tells only that.
void TarmacReader::give(TraceRecord& out) {
    if (bad_) {
        pending_.clear();
        pending_.line = lines_->number();
        pending_.after_a_gap = true;
    }
    std::swap(out, pending_);
    has_pending_ = bad_ = false;
}

/// The next record begins, and the one before it goes out.
bool TarmacReader::begin(TraceRecord& out, std::uint32_t cpu) {
    const bool ended = has_pending_;
    if (ended) give(out);
    pending_.clear();
    pending_.line = lines_->number();
    pending_.cpu = cpu;
    has_pending_ = true;
    return ended;
}

void TarmacReader::give_up(const char* why) {
    skip(lines_->number(), why);
    has_pending_ = bad_ = true;
}

bool TarmacReader::take(std::string_view text, TraceRecord& out) {
    if (lines_->too_long()) {
        give_up("it is longer than a line can be");
        return false;
    }
    Line line(text);
    const bool indented = text.starts_with(' ') || text.starts_with('\t');
    std::string_view word = line.take();
    // Data may go on in a line that does not say so: an address of digits alone would look like a time.
    if (data_event_ != 0 && indented && word.size() >= 8 && line.peek().size() == 8 &&
        line.peek().find_first_not_of("0123456789abcdefABCDEF.#") == std::string_view::npos) {
        Line again(text);
        if (const char* why = again.image(data_event_ == 'S', pending_)) give_up(why);
        return false;
    }
    data_event_ = 0;
    if (is_decimal(word)) {
        word = line.take();
        if (is_unit(word)) word = line.take();
    } else if (!word.empty() && word.front() >= '0' && word.front() <= '9' &&
               is_unit(word.substr(std::min(word.find_first_not_of("0123456789"), word.size())))) {
        word = line.take();
    }
    Event event = event_of(word);
    std::uint32_t cpu = pending_.cpu;
    if (event == Event::none) {
        const Event next = event_of(line.peek());
        if (next == Event::none) return false;
        cpu = cpu_named(word);
        if (cpu == kMostCpus) {
            give_up("there are more processors than can be");
            return false;
        }
        event = next;
        word = line.take();
    }
    // After a reset nothing is known, but at the beginning what the user says is.
    const bool exception =
        event == Event::exception_it || event == Event::exception_es || event == Event::instruction_es;
    if (exception && events_ != 0 && line.is_reset()) give_up("a reset: registers and tags are forgotten");
    ++events_;
    bool ended = false;
    const char* why = nullptr;
    switch (event) {
    case Event::instruction_es:
        if (line.peek() == "EXC" || line.peek() == "Reset") {
            why = line.exception(false, pending_);
            break;
        }
        [[fallthrough]];
    case Event::instruction_it:
        ended = begin(out, cpu);
        why = event == Event::instruction_es ? line.es(pending_) : line.it(pending_);
        if (why != nullptr) pending_.has_opcode = false;
        break;
    case Event::not_executed: break; // of AArch32
    case Event::other: break;
    default:
        if (!has_pending_ || cpu != pending_.cpu) ended = begin(out, cpu);
        if (event == Event::reg) why = line.reg(pending_);
        if (event == Event::contiguous) why = line.contiguous(word, pending_);
        if (event == Event::load || event == Event::store) {
            why = line.image(event == Event::store, pending_);
            data_event_ = event == Event::store ? 'S' : 'L';
        }
        if (event == Event::exception_it || event == Event::exception_es)
            why = line.exception(event == Event::exception_it, pending_);
    }
    if (why != nullptr) give_up(why);
    return ended;
}

bool TarmacReader::next(TraceRecord& out) {
    std::string_view line;
    while (lines_->next(line)) {
        if (take(line, out)) return true;
    }
    if (!has_pending_) return false;
    give(out);
    return true;
}

} // namespace mtecheck::difftest
