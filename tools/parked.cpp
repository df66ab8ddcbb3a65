#include "tools/parked.hpp"

#include "config/hosted.hpp"
#include "tools/names.hpp"

#include <annals/runtime.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace tools {
namespace {

void print(std::string_view of, const annals::parked_event& one, bool json) {
  if (json)
    fmt::print("{{\"of\":{},\"position\":{},\"stream\":{},\"attempts\":{},\"time\":{},\"error\":{}}}\n", json_text(of), one.at,
               json_text(shown_name(one.stream)), one.attempts, json_text(time_text(one.time)), json_text(one.error));
  else
    fmt::print("{:>12}  {}  {}  {} attempts, {}: {}\n", one.at, shown_name(of), shown_name(one.stream), one.attempts, time_text(one.time),
               shown_name(one.error));
}

annals::error not_parked(const parked_options& which) {
  return {annals::errc::not_found, "no event is parked there", which.of + " at position " + std::to_string(which.at), 0, which.at};
}

constexpr std::string_view of_subscription = "subscription/";  // before its name

/// The name of the subscription; empty if it is not about a subscription.
std::string subscription_of(const parked_options& which) {
  return which.of.starts_with(of_subscription) ? which.of.substr(of_subscription.size()) : std::string{};
}

int report_decision(const annals::result<annals::position>& done, const parked_options& which, bool json, std::string_view what) {
  if (!done) return fail(done.error());
  if (json)
    fmt::print("{{\"ok\":true,\"of\":{},\"position\":{}}}\n", json_text(which.of), which.at);
  else
    fmt::print("{} position {} of {}\n", what, which.at, which.of);
  return 0;
}

/// Connects, or opens the store for writing with these types hosted; calls `decide`, closes and prints the result.
template <class Decide>
int decided(const where& place, const parked_options& which, bool json, std::string_view what, const annals::hosted_types& hosting, Decide&& decide) {
  if (place.is_far()) {
    auto to = connect(place);
    return to ? report_decision(decide(*to), which, json, what) : fail(to.error());
  }
  auto with = which.runtime;
  with.create = false;
  auto rt = annals::runtime::open(place.store, with);
  if (!rt) return fail(rt.error());
  if (auto ok = rt->host(hosting); !ok) return fail(ok.error());
  if (auto ok = rt->start(); !ok) return fail(ok.error());
  const annals::result<annals::position> done = decide(*rt);
  rt->close();
  return report_decision(done, which, json, what);
}

annals::result<annals::parked_event> find_parked(const annals::view& from, const parked_options& which) {
  std::optional<annals::parked_event> found;
  auto listed = from.parked([&](std::string_view of, const annals::parked_event& one) {
    if (of == which.of && one.at == which.at) found = one;
    return !found;
  });
  if (found) return std::move(*found);
  if (!listed) return std::move(listed).error();
  return not_parked(which);
}

annals::result<annals::position> skip_of_subscription(annals::node& on, const std::string& name, annals::position at) {
  auto member = on.subscribe(name);
  if (!member) return std::move(member).error();
  auto done = member->skip(at).get();
  if (!done) return std::move(done).error();
  return at;
}

}  // namespace

int list_parked(const where& place, bool json) {
  return with_view(place, [&](const annals::view& from) {
    bool is_any = false;
    auto listed = from.parked([&](std::string_view of, const annals::parked_event& one) {
      print(of, one, json);
      return is_any = true;
    });
    if (listed && !is_any && !json) fmt::print("no events are parked\n");
    return listed;
  });
}

int show_parked(const where& place, const parked_options& which, bool json) {
  return with_view(place, [&](const annals::view& from) -> annals::result<void> {
    const auto found = find_parked(from, which);
    if (!found) return found.error();
    print(which.of, *found, json);
    return from.log(which.at, [&](const annals::record_view& record) {
      fmt::print("{}\n", json ? json_of(record) : line_of(record));
      return false;
    });
  });
}

int retry_parked(const where& place, const parked_options& which, bool json) {
  if (!subscription_of(which).empty())
    return fail(
        {annals::errc::misuse, "only the subscribing program can retry this event", which.of + ": call subscription::retry() in that program"});
  const auto types = annals::config::hosted().only({which.of});
  if (!types)
    return fail({annals::errc::not_hosted, "this command hosts only the bank and the shop",
                 which.of + ": call runtime::retry_parked() in the program that hosts it"});
  // Opening the store tries parked events again: afterwards there may be nothing left to do.
  if (const int status = show_parked(place, which, json)) return status;
  return decided(place, which, json, "handled", *types, [&](auto& on) -> annals::result<annals::position> {
    const auto left = on.parked(which.of);
    if (!left) return left.error();
    const auto is_it = [&](const annals::parked_event& one) { return one.at == which.at; };
    if (std::none_of(left->begin(), left->end(), is_it)) return which.at;
    return on.retry_parked(which.of, which.at).get();
  });
}

int skip_parked(const where& place, const parked_options& which, bool json) {
  if (!which.yes)
    return fail(
        {annals::errc::misuse, "a skip is permanent", which.of + " will never handle position " + std::to_string(which.at) + ": confirm with --yes"});
  // Looks for the event first: opening the store for writing changes it, and subscribing creates a missing subscription.
  const auto is_parked = [&](const annals::view& from) -> annals::result<void> {
    const auto found = find_parked(from, which);
    return found ? annals::result<void>{} : found.error();
  };
  if (const int status = with_view(place, is_parked)) return status;
  // If its types were hosted, the event would be tried again first.
  return decided(place, which, json, "skipped", {}, [&](auto& on) {
    if (const auto name = subscription_of(which); !name.empty()) return skip_of_subscription(on, name, which.at);
    return on.skip_parked(which.of, which.at).get();
  });
}

}  // namespace tools
