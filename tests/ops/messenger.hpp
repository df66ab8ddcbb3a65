// A process manager that sends a command which the hosted aggregate does not have: it is held.
#pragma once

#include "pad.hpp"

#include <optional>
#include <string>
#include <string_view>

struct deliver {
  static constexpr auto about = annals::describe("deliver", 1);
};
struct delivered_to {
  static constexpr auto about = annals::describe("delivered_to", 1);
};
struct delay {
  static constexpr auto about = annals::describe("delay", 1);
};
template <class... Commands>
struct office_with {
  static constexpr std::string_view category = "office";
  using commands = annals::types<Commands...>;
  using events = annals::types<delivered_to>;
  struct state {};
  template <class C>
  static annals::decision<office_with> decide(const state&, const C&, const annals::context&) {
    return delivered_to{};
  }
  static void evolve(state&, const delivered_to&) {}
};
using office = office_with<deliver, delay>;
using closed_office = office_with<delay>;  // the one that is hosted

struct carried {
  static constexpr auto about = annals::describe("carried", 1);
};

/// Carries each note whose text begins with "ask".
struct messenger {
  static constexpr std::string_view category = "messenger";
  using observes = annals::types<pad, office>;
  using events = annals::types<carried>;
  struct state {};
  static std::optional<std::string> key(const noted& e) { return e.text.starts_with("ask") ? std::optional<std::string>{e.text} : std::nullopt; }
  static annals::steps<messenger> on(const state&, const noted&, const annals::context&) { return {carried{}, annals::send<office>("1", deliver{})}; }
  static void evolve(state&, const carried&) {}
};
