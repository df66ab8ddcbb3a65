// Waits for a condition that another thread brings about.
#pragma once

#include <chrono>
#include <source_location>
#include <stdexcept>
#include <string>
#include <thread>

/// Throws if it takes so long that it never will; the place in the test names the condition.
template <class Condition>
void wait_until(Condition&& holds, std::source_location where = std::source_location::current()) {
  constexpr std::chrono::minutes longest{4};
  const auto end = std::chrono::steady_clock::now() + longest;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error(std::string{where.file_name()} + ":" + std::to_string(where.line()) + ": this condition did not come true");
    std::this_thread::yield();
  }
}
