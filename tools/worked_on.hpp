// The node that a connector works on: a store that this process opens as its writer, with the bank and the shop, or a node elsewhere.
#pragma once

#include "tools/awaited_signals.hpp"
#include "tools/where.hpp"

#include <annals/options.hpp>
#include <annals/remote.hpp>
#include <annals/runtime.hpp>

#include <functional>
#include <optional>

namespace tools {

/// It stays where it is: connectors refer to its node.
class worked_on {
public:
  worked_on() = default;
  worked_on(const worked_on&) = delete;
  worked_on& operator=(const worked_on&) = delete;

  /// A signal that comes meanwhile ends the process. Errors: those of the store, or of connect().
  annals::result<void> open(const where& place, const annals::options& with, const awaited_signals& signals);

  /// Calls it with the runtime or with the handle.
  template <class Call>
  auto with(Call&& call) {
    return here_ ? call(*here_) : call(*far_);
  }

  /// Waits until a signal ends the command (nothing is returned), until `look` says why it cannot go on, or until the log has stopped. Looks
  /// again after at most 50 ms.
  std::optional<annals::error> wait_for_end(const awaited_signals& signals, const std::function<std::optional<annals::error>()>& look) const;

  void close();

private:
  std::optional<annals::runtime> here_;
  std::optional<annals::remote> far_;
};

}  // namespace tools
