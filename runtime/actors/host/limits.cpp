// Every check of what a host passes: options, names, types, commands, subscriptions.
#include "actors/base/stream_names.hpp"
#include "actors/host/engine.hpp"
#include "actors/processes/command_ids.hpp"
#include "store/log/owner_names.hpp"
#include "store/read/scan.hpp"

#include <algorithm>

namespace annals::detail {
namespace {

/// Whether this can be the name of a category, a projection or a subscription.
bool has_name_length(std::string_view name) { return !name.empty() && name.size() <= 64; }

template <class T>
result<void> in_range(std::string_view name, T value, T least, T most) {
  if (value >= least && value <= most) return {};
  return error{errc::bad_option, std::string{name},
               std::to_string(value) + " is not within " + std::to_string(least) + " to " + std::to_string(most)};
}

/// parked(), retry_parked() and skip_parked() could not tell the two apart.
error name_is_shared(std::string_view name) { return {errc::bad_type, "a projection and a process manager have the same name", std::string{name}}; }

error too_long(errc code, std::string what, std::string_view command, std::size_t bytes, std::size_t most) {
  return {code, std::move(what), std::string{command} + ": " + std::to_string(bytes) + " bytes, at most " + std::to_string(most)};
}

}  // namespace

namespace {

struct option_check {
  const options& in;
  const option_entry& of;

  result<void> operator()(std::uint64_t options::* place) const {
    const auto least = of.not_below.place ? std::max(of.least, in.*of.not_below.place) : of.least;
    return in_range(of.name, in.*place, least, of.most);
  }
  result<void> operator()(std::chrono::milliseconds options::* place) const {
    return in_range(std::string{of.name} + " (ms)", std::int64_t{(in.*place).count()}, static_cast<std::int64_t>(of.least),
                    static_cast<std::int64_t>(of.most));
  }
  result<void> operator()(double options::* place) const {
    return in_range(of.name, in.*place, static_cast<double>(of.least), static_cast<double>(of.most));
  }
  template <class Other>
  result<void> operator()(Other options::*) const {
    return {};
  }
};

}  // namespace

result<void> engine::check(const options& o) {
  for (const auto& each : all_options())
    if (auto ok = std::visit(option_check{o, each}, each.place); !ok) return ok;
  return {};
}

result<void> engine::check_name(std::string_view name) const {
  if (begun_) return error{errc::misuse, "types must be hosted before start()", std::string{name}};
  if (const auto reserved = store::owner_name::reserved_prefix_of(name); !reserved.empty())
    return error{errc::bad_type, "the name of a projection or category must not begin with \"" + std::string{reserved} + "\"", std::string{name}};
  return {};
}

result<void> engine::check(const aggregate_table& table) const {
  if (auto ok = check_name(table.category); !ok) return ok;
  if (find(table.category)) return error{errc::bad_type, "the category is hosted already", std::string{table.category}};
  if (!has_name_length(table.category) || table.category.find('-') != std::string_view::npos)
    return error{errc::bad_type, "a category must have 1 to 64 bytes and no '-'", std::string{table.category}};
  return {};
}

result<void> engine::check(const projection_table& table) const {
  if (auto ok = check_name(table.name); !ok) return ok;
  if (find_in(projections_, table.name)) return error{errc::bad_type, "the projection is hosted already", std::string{table.name}};
  if (find_in(processes_, table.name)) return name_is_shared(table.name);
  if (!has_name_length(table.name)) return error{errc::bad_type, "a projection's name must have 1 to 64 bytes", std::string{table.name}};
  return {};
}

result<void> engine::check(const process_table& table) const {
  if (find_in(projections_, table.instance.category)) return name_is_shared(table.instance.category);
  return check(table.instance);
}

result<void> engine::all_observed_are_hosted() const {
  for (const auto& p : processes_)
    for (const auto category : p.table.observed_categories)
      if (!find(category))
        return error{errc::not_hosted, "a process manager observes an aggregate that is not hosted",
                     std::string{p.table.instance.category} + " observes " + std::string{category}};
  return {};
}

std::optional<error> engine::check_command(std::string_view category, std::string_view key, std::string_view command, const std::string& body,
                                           const send_options& with, const aggregate_table* type) const {
  constexpr std::size_t text_bytes_max = 255;
  if (!begun_) return error{errc::misuse, "send() was called before start()"};
  if (!type) return error{errc::not_hosted, "the category is not hosted", std::string{category}};
  if (auto wrong = actors::reserved_for_runtime(*type, command, with.id)) return wrong;
  if (auto wrong = actors::wrong_stream(category, key)) return wrong;
  for (const auto* text : {&with.id, &with.correlation, &with.causation, &with.principal})
    if (text->size() > text_bytes_max)
      return too_long(errc::invalid_command, "an id, correlation, causation or principal is too long", command, text->size(), text_bytes_max);
  if (const auto most = env_.options.command_bytes_max; body.size() > most)
    return too_long(errc::too_large, "the command is too large", command, body.size(), most);
  if (env_.alive.storage_full()) return error{errc::storage_full, "no space for the log"};
  if (env_.alive.index_blocked) return error{errc::overloaded, "the stream index cannot be written"};
  return std::nullopt;
}

result<void> engine::check(std::string_view name, const subscription_options& with) {
  const auto wrong = [](std::string_view option, std::string_view why) -> result<void> {
    return error{errc::bad_option, std::string{option}, std::string{why}};
  };
  const auto is_bad = [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '/'; };
  if (!has_name_length(name) || std::any_of(name.begin(), name.end(), is_bad))
    return wrong("the name of a subscription", "must have 1 to 64 bytes, and neither '/' nor control characters: " + std::string{name});
  if (with.in_flight_max < 1 || with.in_flight_max > 65'536) return wrong("in_flight_max", "must be 1 to 65,536");
  if (with.open_max < with.in_flight_max || with.open_max > 1'048'576) return wrong("open_max", "must be in_flight_max to 1,048,576");
  if (with.failure.attempts < 1) return wrong("failure.attempts", "must be at least 1");
  if (with.parked_max < 1 || with.parked_max > 1'048'576) return wrong("parked_max", "must be 1 to 1,048,576");
  constexpr std::chrono::hours longest{24 * 365};
  if (with.ack_time_out.count() < 1 || with.ack_time_out > longest) return wrong("ack_time_out", "must be 1 ms to a year");
  if (with.failure.first_pause.count() < 0 || with.failure.first_pause > longest) return wrong("failure.first_pause", "must be 0 to a year");
  return {};
}

result<void> engine::check_filter(const subscription_options& with) const {
  for (const auto& category : with.categories) {
    if (find(category)) continue;
    bool is_there = false;
    const auto ok = store::scan_streams(*env_.log, env_.derived, category + "-", [&](std::string_view, version) { return is_there = true, false; });
    if (ok && !is_there) return error{errc::bad_option, "categories", "\"" + category + "\" is neither hosted nor in the store"};
  }
  const auto is_chosen = [&](std::string_view category) {
    return with.categories.empty() || std::find(with.categories.begin(), with.categories.end(), category) != with.categories.end();
  };
  const auto is_event = [&](std::string_view type) {
    return std::any_of(aggregates_.begin(), aggregates_.end(), [&](const auto& one) { return is_chosen(one.category) && one.event(type, 1); });
  };
  const auto unknown = std::find_if_not(with.types.begin(), with.types.end(), is_event);
  if (unknown == with.types.end()) return {};
  // The type may belong to an aggregate that is not hosted.
  bool is_hosted = std::all_of(with.categories.begin(), with.categories.end(), [&](const auto& category) { return find(category); });
  if (with.categories.empty()) {
    const auto ok = store::scan_streams(*env_.log, env_.derived, {}, [&](std::string_view stream, version) {
      return is_hosted = find(stream.substr(0, stream.find('-'))) != nullptr;
    });
    is_hosted = is_hosted && ok;  // if the streams cannot be read, it is unknown
  }
  if (!is_hosted) return {};
  return error{errc::bad_option, "types",
               "no event of " + std::string{with.categories.empty() ? "the hosted types" : "these categories"} + " is named \"" + *unknown + "\""};
}

std::optional<error> engine::only_at_the_owner(std::string_view what) const {
  if (!parts_.is_copy) return std::nullopt;
  return error{errc::not_owner, "this is a replica", std::string{what} + " belongs to the owner of the store"};
}

error engine::no_such_projection(std::string_view name) { return {errc::not_hosted, "the projection is not hosted", std::string{name}}; }

/// The thread that applies an event holds the lock of its model; waiting for another model's lock could deadlock with that one's writer.
error engine::in_apply(std::string_view call) {
  return {errc::misuse, std::string{call} + " was called in apply()",
          "the model is being written: use the arguments of apply(), or make the call in an effect"};
}

}  // namespace annals::detail
