#include "tools/intake_orders.hpp"

#include <bank/account.hpp>
#include <bank/transfer.hpp>
#include <nlohmann/json.hpp>
#include <shop/delivery.hpp>
#include <shop/order.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace tools {
namespace {

using annals::errc;
using annals::error;
using annals::result;
using annals::kafka::order;
using nlohmann::json;

/// The name of a field that is in `given` and not in `known`, in lists and objects within them, too; empty if there is none.
std::string unknown_field(const json& given, const json& known) {
  if (given.is_object() && known.is_object())
    for (const auto& [name, value] : given.items()) {
      if (!known.contains(name)) return name;
      if (auto within = unknown_field(value, known[name]); !within.empty()) return name + "." + within;
    }
  if (given.is_array() && known.is_array())
    for (std::size_t i = 0; i < std::min(given.size(), known.size()); ++i)
      if (auto within = unknown_field(given[i], known[i]); !within.empty()) return within;
  return {};
}

/// The fields as annals stores a command.
template <class A, class C>
result<order> made_of(std::string key, const json& fields) {
  std::string bytes;
  json::to_msgpack(fields, bytes);
  auto command = annals::decoded<C>(bytes);
  if (!command) return std::move(command).error();
  if (const auto name = unknown_field(fields, json::from_msgpack(annals::encoded(*command))); !name.empty())
    return error{errc::invalid_command, "the command has no such field", std::string{C::about.name} + ": " + name};
  return order::to<A>(std::move(key), std::move(*command));
}

struct known_command {
  std::string_view name;
  std::string_view key;  // the field that names what it goes to
  result<order> (*make)(std::string key, const json& fields);
};

template <class A, class C>
constexpr known_command command_of(std::string_view key) {
  return {C::about.name, key, made_of<A, C>};
}

constexpr std::array commands{
    command_of<bank::account, bank::open_account>("account"),       command_of<bank::account, bank::deposit>("account"),
    command_of<bank::account, bank::withdraw>("account"),           command_of<bank::account, bank::close_account>("account"),
    command_of<bank::transfer, bank::request_transfer>("transfer"), command_of<shop::order, shop::place_order>("order"),
    command_of<shop::order, shop::cancel_order>("order"),           command_of<shop::delivery, shop::receive_delivery>("delivery"),
};

/// What is nested too deep is no message: the functions above go as deep as it does.
json parsed_message(std::string_view text) {
  constexpr int deepest = 16;
  bool is_too_deep = false;
  auto read = json::parse(text, [&](int depth, json::parse_event_t, json&) { return !(is_too_deep = is_too_deep || depth > deepest); }, false);
  return is_too_deep ? json() : read;
}

/// Takes a text out of the object.
result<std::string> taken(json& from, std::string_view field) {
  const auto found = from.find(field);
  if (found == from.end() || !found->is_string()) return error{errc::undecodable, "the message has no text under this name", std::string{field}};
  auto text = found->get<std::string>();
  from.erase(found);
  return text;
}

}  // namespace

result<std::optional<order>> order_of(const annals::kafka::message& from) {
  if (!from.value) return std::optional<order>{};
  auto fields = parsed_message(*from.value);
  if (!fields.is_object()) return error{errc::undecodable, "the message is no JSON object"};
  const auto name = taken(fields, "command");
  if (!name) return name.error();
  const auto known = std::find_if(commands.begin(), commands.end(), [&](const known_command& one) { return one.name == *name; });
  if (known == commands.end()) return error{errc::invalid_command, "no command of the bank or the shop", *name};
  auto key = taken(fields, known->key);
  if (!key) return std::move(key).error();
  auto made = known->make(std::move(*key), fields);
  if (!made) return std::move(made).error();
  return std::optional{std::move(*made)};
}

}  // namespace tools
