// The actors that followers of the log (projectors, process managers, subscriptions) send to. Filled by the engine before the first
// message, read-only afterwards.
#pragma once

#include "actors/base/messages.hpp"
#include "actors/base/ports.hpp"

#include <caf/all.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace annals::actors {

struct follow_ports {
  caf::actor event_bus;   // tells when more is readable
  caf::actor commit_bus;  // tells when more is durable; null if there are no process managers
  caf::actor drainer;
  caf::actor index_writer;
  caf::actor image_maker;
  const actors::recipients* recipients = nullptr;
  const command_port* commands = nullptr;  // for process managers

  /// Answers a question or an order of a host.
  void answer(const reply_address& to, detail::outcome how) const {
    caf::anon_send((*recipients)[to.to], query_answer{to.number, std::make_shared<const detail::outcome>(std::move(how))});
  }
  /// Answers an order about this position, or why it failed.
  void answer_all(const std::vector<reply_address>& all, const result<position>& how) const {
    for (const auto& to : all) caf::anon_send((*recipients)[to.to], how ? answer_at(to.number, *how) : refusal(to.number, how.error()));
  }
};

}  // namespace annals::actors
