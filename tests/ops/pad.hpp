// A small domain for what is shown: notes on pads, and a read model that does not like some of them.
#pragma once

#include <annals/runtime.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

struct note {
  std::string text;
  static constexpr auto about = annals::describe<&note::text>("note", 1);
};
struct noted {
  std::string text;
  static constexpr std::array formerly{"jotted"};
  static constexpr auto about = annals::describe<&noted::text>("noted", 1);
};
enum class mood : std::uint8_t { none, good };
constexpr auto labels_of(mood) { return std::to_array<std::string_view>({"none", "good"}); }

struct pad {
  static constexpr std::string_view category = "pad";
  using commands = annals::types<note>;
  using events = annals::types<noted>;
  struct state {
    std::uint64_t count = 0;
    std::string last;
    mood now = mood::none;
    static constexpr auto about = annals::describe<&state::count, &state::last, &state::now>("pad", 1);
  };
  static annals::decision<pad> decide(const state&, const note& c, const annals::context&) { return noted{c.text}; }
  static void evolve(state& s, const noted& e) {
    ++s.count;
    s.last = e.text;
    s.now = mood::good;
  }
};

struct count_of {
  std::string key;
  using answer_type = std::uint64_t;
  static constexpr auto about = annals::describe<&count_of::key>("count_of", 1);
};

inline std::atomic<bool> is_mended = false;
inline std::atomic<bool> is_hanging = false;   // an apply does not return
inline std::atomic<bool> is_released = false;  // now it may

/// Does not like texts that begin with "bad", and does not return from "hang" before it is released.
struct likes {
  static constexpr std::string_view name = "likes";
  static constexpr annals::failure_policy on_failure{1, std::chrono::milliseconds{1}, annals::on_failure::park_event};
  using follows = annals::types<pad>;
  using queries = annals::types<count_of>;
  struct model {
    std::uint64_t count = 0;
    static constexpr auto about = annals::describe<&model::count>("likes", 1);
  };
  static void apply(model& m, const noted& e, const annals::record_view&) {
    if (e.text.starts_with("bad") && !is_mended) throw std::runtime_error("<img src=x onerror=alert(1)> does not like it");
    if (e.text == "hang" && !is_released) {
      is_hanging = true;
      is_hanging.notify_all();
      is_released.wait(false);
    }
    ++m.count;
  }
  static std::uint64_t answer(const model& m, const count_of&) { return m.count; }
};
