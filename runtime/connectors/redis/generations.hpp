// One sink's generations as keys: those of `live` begin with "{NAME}:", those of `next` with "{NAME}:annals:next:". Each has these beside the
// host's:
//   annals:sink     a hash: `id`, which no other generation has, `shape` of the handlers, `history` of the log, and for each slot POSITION:CHANGES
//   annals:parked   a hash of the parked events by position
//   annals:skipped  a set of positions of events that were skipped for good
//   annals:keys     a hash of the host's keys, each with what is known of its value: key_uses.hpp
#pragma once

#include "connectors/redis/key_uses.hpp"
#include "connectors/redis/link.hpp"
#include "connectors/sink/target.hpp"

#include <annals/redis.hpp>

#include <array>
#include <deque>
#include <functional>
#include <map>

namespace annals::redis {

/// What a call passes. Texts that were added, not kept, have to outlive it.
class words {
public:
  words() = default;
  words(const words&) = delete;
  words& operator=(const words&) = delete;

  void add(std::string_view text) { all_.push_back(text); }
  void keep(std::string text) { all_.push_back(kept_.emplace_back(std::move(text))); }
  void number(std::uint64_t value) { keep(std::to_string(value)); }
  const std::vector<std::string_view>& all() const { return all_; }

private:
  std::deque<std::string> kept_;
  std::vector<std::string_view> all_;
};

/// Of a script.
struct call {
  words keys, arguments;
};

/// What the handlers make of the events of a step.
struct effects {
  connectors::generation in;
  std::vector<position> of;
  commands all;
  std::vector<std::size_t> owners;  ///< of each command the number of its event
  std::unique_ptr<key_uses> keys;
};

class generations final : public connectors::connection {
public:
  generations(std::unique_ptr<link> over, const handlers& of);

  result<std::optional<connectors::generation_state>> look(connectors::generation of) override;
  result<void> create(connectors::generation which, std::uint64_t shape, std::uint64_t history) override;
  result<void> drop_next() override;
  connectors::outcome commit(connectors::generation in, const connectors::step& one, const read_ahead& next) override;
  connectors::outcome check(connectors::generation in, const std::vector<connectors::slot_move>& at) override;
  result<bool> swap() override;

private:
  using texts = std::vector<std::string>;
  const std::string& prefix(connectors::generation which) const { return prefixes_[which == connectors::generation::next]; }
  std::string& id(connectors::generation which) { return ids_[which == connectors::generation::next]; }
  /// The sink's own keys of a generation, in the order above.
  texts own(connectors::generation which) const;
  /// An error that Redis answers is `unreachable`, too.
  result<reply> execute(const char* script, const call& with, const std::function<void()>& meanwhile = {});
  result<reply> execute(const char* script, texts keys, texts arguments);
  /// Returns why the handlers cannot, if so.
  std::optional<connectors::outcome> collect(connectors::generation in, const std::vector<const connectors::held_event*>& events,
                                             std::unique_ptr<effects>& made) const;
  bool is_ready(connectors::generation in, const std::vector<const connectors::held_event*>& events) const;
  void add_own(connectors::generation in, const connectors::step& one, call& to) const;

  std::unique_ptr<link> over_;
  const handlers& of_;
  std::array<std::string, 2> prefixes_;
  std::array<std::string, 2> ids_;               ///< of the generations, when they were looked at last
  std::unique_ptr<effects> ready_;               ///< of what is likely to come next
  std::map<const char*, std::string> known_as_;  ///< scripts that were loaded over this connection, by their SHA-1
};

}  // namespace annals::redis
