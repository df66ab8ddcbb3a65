#include "store/log/subscription_table.hpp"

#include "store/log/owner_names.hpp"

#include <annals/codec.hpp>

#include <map>
#include <utility>

namespace annals::store {
std::string key_of_subscription(std::string_view name) { return owner_name::of_subscription(name).stored(); }

std::string key_of_parked(std::string_view subscription, position at) { return key_of_subscription(subscription) + "/" + padded(at); }

error at_control_key(std::string_view key, const error& why) {
  return {errc::undecodable, "the log's control table: " + std::string{key}, why.message()};
}

result<std::optional<subscription_entry>> find_subscription(const log& from, std::string_view name) {
  const auto wanted = key_of_subscription(name);
  result<std::optional<subscription_entry>> found{std::nullopt};
  auto ok = from.control(wanted, [&](std::string_view key, std::string_view value) {
    if (key != wanted) return false;  // if the subscription exists, its key is the first with this prefix
    auto entry = decoded<subscription_entry>(value);
    if (entry)
      found = std::optional{std::move(*entry)};
    else
      found = at_control_key(key, entry.error());
    return false;
  });
  if (!ok) return std::move(ok).error();
  return found;
}

result<std::vector<stored_subscription>> all_subscriptions(const log& from) {
  std::map<std::string, stored_subscription, std::less<>> found;
  std::optional<error> wrong;
  const auto prefix = key_of_subscription({});
  auto ok = from.control(prefix, [&](std::string_view key, std::string_view value) {
    const auto name = key.substr(prefix.size());
    if (const auto slash = name.find('/'); slash != std::string_view::npos) {
      const auto of = found.find(name.substr(0, slash));
      return of == found.end() || ++of->second.parked > 0;
    }
    auto entry = decoded<subscription_entry>(value);
    if (!entry) return wrong = at_control_key(key, entry.error()), false;
    found.emplace(name, stored_subscription{std::string{name}, std::move(*entry)});
    return true;
  });
  if (wrong) return std::move(*wrong);
  if (!ok) return std::move(ok).error();
  std::vector<stored_subscription> all;
  for (auto& [name, one] : found) all.push_back(std::move(one));
  return all;
}

result<void> visit_parked(const log& from, std::string_view subscription, const std::function<void(parked_event&&)>& visit) {
  std::optional<error> wrong;
  auto ok = from.control(key_of_subscription(subscription) + "/", [&](std::string_view key, std::string_view value) {
    auto one = decoded<parked_event>(value);
    if (one)
      visit(std::move(*one));
    else
      wrong = at_control_key(key, one.error());
    return !wrong;
  });
  if (wrong) return std::move(*wrong);
  return ok;
}

}  // namespace annals::store
