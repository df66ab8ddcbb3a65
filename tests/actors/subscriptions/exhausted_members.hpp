// Members of a subscription that cannot handle an event.
#pragma once

#include "support/virtual_engine.hpp"

#include <string>
#include <vector>

inline annals::subscription_options twice(annals::on_failure then = annals::on_failure::park_event) {
  return {.ack_time_out = std::chrono::seconds{10}, .failure = {.attempts = 2, .first_pause = std::chrono::milliseconds{100}, .then = then}};
}

/// Takes what is there, and refuses this one until its attempts have come to nothing.
inline void exhaust(virtual_engine& e, member& one, annals::position at) {
  for (int attempt = 1; attempt <= 2; ++attempt) {
    one.positions();
    one.nack(at, "attempt " + std::to_string(attempt));
    e.pass(std::chrono::milliseconds{200});
  }
}

inline positions parked_at(const member& of) {
  positions found;
  for (const auto& one : of.parked()) found.push_back(one.at);
  return found;
}
