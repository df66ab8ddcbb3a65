#include "store/subscription_table.hpp"

#include <annals/codec.hpp>

namespace annals::store {
namespace {

constexpr std::string_view all_keys = "subscription/";
constexpr std::size_t digits = 20;

/// Visits the entries under `prefix` whose keys `wants` likes, until one does not decode.
template <class Entry, class Wants, class Visit>
result<void> visit_entries(const log& from, std::string_view prefix, Wants&& wants, Visit&& visit) {
  std::optional<error> wrong;
  auto ok = from.control(prefix, [&](std::string_view key, std::string_view value) {
    if (!wants(key)) return true;
    auto entry = decoded<Entry>(value);
    if (!entry)
      wrong = at_control_key(key, entry.error());
    else
      visit(key, std::move(*entry));
    return !wrong;
  });
  if (wrong) return std::move(*wrong);
  return ok;
}

}  // namespace

std::string key_of_subscription(std::string_view name) { return std::string{all_keys}.append(name); }

std::string key_of_parked(std::string_view subscription, position at) {
  const auto number = std::to_string(at);
  return key_of_subscription(subscription) + "/" + std::string(digits - number.size(), '0') + number;
}

error at_control_key(std::string_view key, const error& why) {
  return {errc::undecodable, "the log's control table: " + std::string{key}, why.message()};
}

result<std::optional<subscription_entry>> find_subscription(const log& from, std::string_view name) {
  const auto wanted = key_of_subscription(name);
  std::optional<subscription_entry> found;
  auto ok = visit_entries<subscription_entry>(
      from, wanted, [&](std::string_view key) { return key == wanted; },
      [&](std::string_view, subscription_entry&& one) { found = std::move(one); });
  if (!ok) return std::move(ok).error();
  return found;
}

result<void> visit_subscriptions(const log& from, const std::function<void(std::string_view, const subscription_entry&)>& visit) {
  const auto name_of = [](std::string_view key) { return key.substr(all_keys.size()); };
  return visit_entries<subscription_entry>(
      from, all_keys, [&](std::string_view key) { return name_of(key).find('/') == std::string_view::npos; },
      [&](std::string_view key, subscription_entry&& one) { visit(name_of(key), one); });
}

result<std::vector<parked_event>> parked_of_subscription(const log& from, std::string_view name) {
  std::vector<parked_event> found;
  auto ok = visit_entries<parked_event>(
      from, key_of_subscription(name) + "/", [](std::string_view) { return true; },
      [&](std::string_view, parked_event&& one) { found.push_back(std::move(one)); });
  if (!ok) return std::move(ok).error();
  return found;
}

}  // namespace annals::store
