// Begins a live tail.
#include "ops/console/tails.hpp"

#include "ops/console/parameters.hpp"
#include "ops/console/routes.hpp"

#include <charconv>

namespace annals::ops {
namespace {

/// Where a client was, which the browser sends when it connects again.
std::optional<position> last_seen(const request& asked) {
  const auto given = asked.header("last-event-id").value_or("");
  position at = 0;
  const auto [end, wrong] = std::from_chars(given.data(), given.data() + given.size(), at);
  if (given.empty() || wrong != std::errc{} || end != given.data() + given.size()) return std::nullopt;
  return at;
}

}  // namespace

answer begin_tail(call& c) {
  parameters given{c.asked};
  tail_request what{given.number("after"), given.text("prefix"), given.text("type")};
  if (given.wrong()) return answer_of(*given.wrong());
  if (const auto last = last_seen(c.asked)) what.after = last;
  const auto made = std::make_shared<tail>(c.site, std::move(what));
  if (!made->enter()) {
    auto out = answer_of(error{errc::overloaded, "too many live tails", "at most " + std::to_string(c.site.options.tails_max)});
    out.headers.emplace_back("Retry-After", "5");
    return out;
  }
  answer out;
  out.type = "text/event-stream";
  out.events = made;
  return out;
}

}  // namespace annals::ops
