// The shop on an embedded store, or on a node that serves one: sends orders, waits until process managers have carried them out, and prints a table.
#pragma once

#include "tools/fields.hpp"
#include "tools/where.hpp"

#include <annals/options.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace tools {

struct demo_options {
  where at;  // nothing: a temporary store
  std::optional<std::filesystem::path> input;
  date_order dates = date_order::day_first;  // of the dates in the input
  std::optional<std::filesystem::path> stock;
  std::int64_t initial_stock = 1'000'000;
  std::size_t orders = 10'000;
  std::int64_t payment_limit_cents = 0;
  std::string kafka;  // brokers that the events go to; empty: none
  bool json = false;
  annals::options runtime;
};

/// Returns the exit status: 0 if every order has ended and nothing was parked.
int run_demo(const demo_options& with);

}  // namespace tools
