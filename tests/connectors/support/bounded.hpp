// A call that has to return soon, whatever it waits for.
#pragma once

#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>

namespace connectors {

/// Returns how long it took. Ends the test program if the call does not return at all: a thread that hangs cannot be ended.
template <class Call>
std::chrono::milliseconds time_of(Call&& call) {
  const auto begun = std::chrono::steady_clock::now();
  auto done = std::async(std::launch::async, std::forward<Call>(call));
  if (done.wait_for(std::chrono::minutes{1}) != std::future_status::ready) {
    std::cerr << "a call that has to return soon has not returned in a minute\n";
    std::_Exit(1);
  }
  done.get();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
}

}  // namespace connectors
