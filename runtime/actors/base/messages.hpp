// Messages between actors of different folders. Plain structs; they never leave the process.
#pragma once

#include "actors/base/command.hpp"
#include "actors/base/tracing.hpp"

#include <annals/pending.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <caf/all.hpp>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace annals::actors {

/// The answer to one command.
struct answer {
  std::uint64_t number = 0;
  annals::version version = 0;
  position at = 0;
  std::uint32_t events = 0;
  std::shared_ptr<const error> refused;  // null: accepted
};

/// How this answer closes a span. A refusal has no position.
inline closing closed_by(const answer& reply) { return {ending_of(reply.refused.get()), reply.version, reply.refused ? 0 : reply.at}; }

/// journal → gateway or process manager: its answers of one batch, in order.
struct answers {
  std::vector<answer> list;
};

/// projector, process manager, unhosted_skip → gateway: the answer to one question or order of a host.
struct query_answer {
  std::uint64_t number = 0;
  std::shared_ptr<const detail::outcome> given;
};
/// The answer to an order about this position.
inline query_answer answer_at(std::uint64_t number, position at) {
  return {number, std::make_shared<const detail::outcome>(detail::answered{{0, at, 0, {}}, {}})};
}
inline query_answer refusal(std::uint64_t number, error why) { return {number, std::make_shared<const detail::outcome>(std::move(why))}; }

/// Up to this many answers to hosts, and the commands that their callbacks send, are handled in the journal's own thread: waking
/// another thread would take longer than the work (measured: from twice this number on, it makes no difference).
inline constexpr std::size_t inline_answers_max = 64;

/// journal, drainer → gateway, engine → subscriptions: the runtime cannot continue.
struct journal_stopped {
  error why;
};

using wake = caf::atom_constant<caf::atom("wake")>;
using go_on = caf::atom_constant<caf::atom("goon")>;
using sweep = caf::atom_constant<caf::atom("sweep")>;
using alarm = caf::atom_constant<caf::atom("alarm")>;
using closes = caf::atom_constant<caf::atom("closes")>;
using stop_now = caf::atom_constant<caf::atom("stopnow")>;

}  // namespace annals::actors

#define ANNALS_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::actors::type)
ANNALS_LOCAL_MESSAGE(answers)
ANNALS_LOCAL_MESSAGE(query_answer)
ANNALS_LOCAL_MESSAGE(journal_stopped)
#undef ANNALS_LOCAL_MESSAGE
