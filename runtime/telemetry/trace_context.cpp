#include "telemetry/trace_context.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

namespace annals {
namespace {

// traceparent, version 00: "00-" trace id "-" span id "-" flags, all in lower-case hex. A later version may go on with "-" and more.
constexpr std::size_t whole = 55, trace_at = 3, span_at = 36, flags_at = 53, text_max = 255;
constexpr std::uint8_t sampled_flag = 1;

std::optional<std::uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

std::optional<std::uint8_t> byte_at(std::string_view text, std::size_t at) {
  const auto high = digit(text[at]), low = digit(text[at + 1]);
  if (!high || !low) return std::nullopt;
  return static_cast<std::uint8_t>(*high << 4 | *low);
}

/// False if it is not hex, or all zeros.
template <std::size_t N>
bool read_id(std::string_view text, std::size_t at, std::array<std::uint8_t, N>& into) {
  std::uint8_t any = 0;
  for (std::size_t i = 0; i < N; ++i) {
    const auto byte = byte_at(text, at + 2 * i);
    if (!byte) return false;
    any |= into[i] = *byte;
  }
  return any != 0;
}

template <std::size_t N>
void put_hex(std::string& out, const std::array<std::uint8_t, N>& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const auto byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

}  // namespace

std::string to_string(const trace_context& of) {
  std::string text;
  if (!of.is_set()) return text;
  text.reserve(whole);
  text = "00-";
  put_hex(text, of.trace_id);
  text += '-';
  put_hex(text, of.span_id);
  text += of.sampled ? "-01" : "-00";
  return text;
}

std::optional<trace_context> trace_context_of(std::string_view text) {
  if (text.size() < whole || text.size() > text_max) return std::nullopt;
  if (text[trace_at - 1] != '-' || text[span_at - 1] != '-' || text[flags_at - 1] != '-') return std::nullopt;
  const auto version = byte_at(text, 0), flags = byte_at(text, flags_at);
  if (!version || !flags || *version == 0xff) return std::nullopt;
  if (text.size() > whole && (*version == 0 || text[whole] != '-')) return std::nullopt;
  trace_context made;
  if (!read_id(text, trace_at, made.trace_id) || !read_id(text, span_at, made.span_id)) return std::nullopt;
  made.sampled = *flags & sampled_flag;
  return made;
}

namespace telemetry {
namespace {

/// splitmix64: each number of the sequence is mixed by itself, so that any start will do.
std::uint64_t next_of(std::uint64_t& state) {
  auto z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t from_the_system() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

// A process that was forked has the threads' states of its parent, so each source has a number of its own beside them.
id_source::id_source(std::optional<std::uint64_t> seed) : has_seed_(seed.has_value()), state_(seed ? *seed : from_the_system()) {}

std::uint64_t id_source::number() {
  if (has_seed_) return next_of(state_);
  thread_local std::uint64_t of_thread = from_the_system();
  auto mixed = next_of(of_thread) ^ state_;
  return next_of(mixed);
}

void id_source::make_span_id(trace_context& of) {
  const auto n = std::max<std::uint64_t>(1, number());
  std::memcpy(of.span_id.data(), &n, sizeof n);
}

trace_context id_source::root() {
  trace_context made;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto n = std::max<std::uint64_t>(1, number());
    std::memcpy(made.trace_id.data() + 8 * i, &n, sizeof n);
  }
  make_span_id(made);
  made.sampled = true;
  return made;
}

trace_context id_source::child_of(const trace_context& parent) {
  auto made = parent;
  make_span_id(made);
  return made;
}

ratio_sampler::ratio_sampler(double ratio)
    : below_(ratio >= 1  ? ~std::uint64_t{0}
             : ratio > 0 ? static_cast<std::uint64_t>(std::ldexp(ratio, 64))
                         : 0) {}

}  // namespace telemetry
}  // namespace annals
