// How the test kit shows and compares its inputs, and passes them through the codec.
#pragma once

#include <annals/codec.hpp>
#include <annals/process.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace annals {

struct expectation_failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

namespace detail {

template <described T>
std::string shown(const T& v) {
  return std::string{T::about.name} + annals::to_json(encoded(v)).value();
}
inline std::string shown(const any_described& v) {
  std::string bytes;
  encoder out{bytes};
  v.encode_to(out);
  return std::string{v.name()} + annals::to_json(bytes).value();
}
inline std::string shown(const command_to_send& c) { return "send to " + std::string{c.category} + "-" + c.key + ": " + shown(c.command); }
inline std::string shown(const timer_to_set& t) { return "after " + std::to_string(t.delay.count()) + " us: " + shown(t.timer); }
inline std::string shown(const timer_to_cancel& t) { return "cancel " + std::string{t.name}; }
template <described... Ts>
std::string shown(const std::variant<Ts...>& event) {
  return std::visit([](const auto& e) { return shown(e); }, event);
}
template <class Event>
std::string shown(const std::variant<Event, command_to_send, timer_to_set, timer_to_cancel>& step) {
  return std::visit([](const auto& s) { return shown(s); }, step);
}
template <class T>
std::string shown(const std::vector<T>& list) {
  std::string text;
  for (const auto& v : list) text += "\n    " + shown(v);
  return list.empty() ? " nothing" : text;
}

template <described T>
bool agree(const T& a, const T& b) {
  return same(a, b);
}
inline bool agree(const command_to_send& a, const command_to_send& b) { return a == b; }
inline bool agree(const timer_to_set& a, const timer_to_set& b) { return a == b; }
inline bool agree(const timer_to_cancel& a, const timer_to_cancel& b) { return a == b; }
template <described... Ts>
bool agree(const std::variant<Ts...>& a, const std::variant<Ts...>& b) {
  return a.index() == b.index() && std::visit([&](const auto& v) { return agree(v, std::get<std::remove_cvref_t<decltype(v)>>(b)); }, a);
}
template <class Event>
bool agree(const std::variant<Event, command_to_send, timer_to_set, timer_to_cancel>& a,
           const std::variant<Event, command_to_send, timer_to_set, timer_to_cancel>& b) {
  return a.index() == b.index() && std::visit([&](const auto& v) { return agree(v, std::get<std::remove_cvref_t<decltype(v)>>(b)); }, a);
}
template <class T>
bool agree(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!agree(a[i], b[i])) return false;
  return true;
}

/// The value after encoding and decoding. Throws expectation_failed if it has changed.
template <described T>
T travelled(const T& v) {
  auto there = decoded<T>(encoded(v));
  if (!there) throw expectation_failed("the value cannot be decoded after encoding: " + there.error().message());
  if (!same(*there, v)) throw expectation_failed("encoding changes the value: " + shown(v) + " became " + shown(*there));
  return std::move(*there);
}

/// Encodes and decodes a described state: it may be stored as a snapshot at any time.
template <class T>
void travel([[maybe_unused]] T& state) {
  if constexpr (described<T>) state = travelled(state);
}

}  // namespace detail

}  // namespace annals
