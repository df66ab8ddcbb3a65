// The log of a node as a sink reads it.
#include "connectors/closed_for_good.hpp"

#include <annals/sink.hpp>

namespace annals {
namespace {

/// A node elsewhere that is closed may be started again: the sink waits for it.
error seen_from_here(const node& of, error why) {
  if (why.code == errc::closed && !connectors::is_closed_for_good(of)) why.code = errc::unreachable;
  return why;
}

}  // namespace

sink_source::sink_source(const node& of)
    : log_([&of](position from, std::size_t max, const visitor& visit) -> result<void> {
        auto read = of.log(from, max, visit);
        if (!read) return seen_from_here(of, std::move(read).error());
        return {};
      }),
      head_([&of]() -> result<token> {
        auto found = of.head();
        if (!found) return seen_from_here(of, std::move(found).error());
        return found;
      }) {}

}  // namespace annals
