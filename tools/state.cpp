#include "tools/state.hpp"

#include "config/hosted.hpp"
#include "tools/names.hpp"
#include "tools/where.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tools {
namespace {

using annals::result;
using json_value = nlohmann::ordered_json;

std::string text_of(const json_value& value, int indent = -1) { return value.dump(indent, ' ', false, json_value::error_handler_t::replace); }

result<json_value> parsed(const result<std::string>& text) {
  if (!text) return text.error();
  return json_value::parse(*text);
}

struct change {
  std::string path;                    // a.b.0
  const json_value* before = nullptr;  // null: it did not exist
  const json_value* after = nullptr;   // null: it does not exist any more
};

/// Finds the differences. A list that only grew or shrank at its end differs in these places; other lists of unequal length, as a whole.
void compare(const std::string& path, const json_value* before, const json_value* after, std::vector<change>& found) {
  if (before && after && *before == *after) return;
  const auto within = [&](const std::string& name) { return path.empty() ? name : path + "." + name; };
  if (before && after && before->is_object() && after->is_object()) {
    for (const auto& [name, value] : before->items()) compare(within(name), &value, after->contains(name) ? &(*after)[name] : nullptr, found);
    for (const auto& [name, value] : after->items())
      if (!before->contains(name)) compare(within(name), nullptr, &value, found);
    return;
  }
  if (before && after && before->is_array() && after->is_array()) {
    const auto common = std::min(before->size(), after->size());
    const auto end = static_cast<std::ptrdiff_t>(common);
    if (before->size() == after->size() || std::equal(before->begin(), before->begin() + end, after->begin(), after->begin() + end)) {
      for (std::size_t i = 0; i < std::max(before->size(), after->size()); ++i)
        compare(within(std::to_string(i)), i < before->size() ? &(*before)[i] : nullptr, i < after->size() ? &(*after)[i] : nullptr, found);
      return;
    }
  }
  found.push_back({path, before, after});
}

std::string as_json(const annals::record_view& r, const std::vector<change>& changes) {
  auto line = fmt::format(R"({{"version":{},"position":{},"time":"{}","type":{},"changes":[)", r.version, r.at, time_text(r.time), json_text(r.type));
  for (const auto& c : changes)
    line += fmt::format(R"({}{{"path":{},"before":{},"after":{}}})", &c == changes.data() ? "" : ",", json_text(c.path),
                        c.before ? text_of(*c.before) : "null", c.after ? text_of(*c.after) : "null");
  return line + "]}\n";
}

std::string as_text(const annals::record_view& r, const std::vector<change>& changes) {
  auto text = fmt::format("version {}, position {}, {}  {}\n", r.version, r.at, time_text(r.time), r.type);
  for (const auto& c : changes) {
    if (!c.before)
      text += fmt::format("  {}: + {}\n", c.path, text_of(*c.after));
    else if (!c.after)
      text += fmt::format("  {}: - {}\n", c.path, text_of(*c.before));
    else
      text += fmt::format("  {}: {} → {}\n", c.path, text_of(*c.before), text_of(*c.after));
  }
  return text;
}

/// The states of a stream, event by event.
class changing_state {
public:
  explicit changing_state(annals::folded_state state) : state_(std::move(state)) {}

  result<void> begin() {
    auto first = parsed(state_.json());
    if (!first) return first.error();
    now_ = std::move(*first);
    return {};
  }
  /// The changes as a line of JSON, or as text.
  result<std::string> take(const annals::record_view& record, bool json) {
    if (auto ok = state_.apply(record); !ok) return ok.error();
    auto next = parsed(state_.json());
    if (!next) return next.error();
    std::vector<change> changes;
    compare("", &now_, &*next, changes);
    auto text = json ? as_json(record, changes) : as_text(record, changes);
    now_ = std::move(*next);
    return text;
  }

private:
  annals::folded_state state_;
  json_value now_;
};

/// An error if a version or position was asked for that does not exist yet.
result<void> has_come_so_far(const annals::view& from, const std::string& stream, const annals::as_of& when, annals::version newest) {
  if (when.position) {
    const auto head = from.head();
    if (!head) return head.error();
    if (*when.position > head->at)
      return annals::error{annals::errc::not_found, fmt::format("there is no position {}", *when.position),
                           fmt::format("the log ends at {}", head->at)};
  }
  if (!when.version || *when.version <= newest) return {};
  return annals::error{annals::errc::not_found, fmt::format("there is no version {} of {}", *when.version, stream),
                       fmt::format("the stream has {} version{}", newest, newest == 1 ? "" : "s")};
}

}  // namespace

int show_state(const where& place, const std::string& stream, const annals::as_of& when, bool json) {
  return with_view(place, [&](const annals::view& from) -> result<void> {
    const auto past = from.state_of(annals::config::hosted(), parse_name(stream), when);
    if (!past) return past.error();
    if (auto ok = has_come_so_far(from, stream, when, past->version); !ok) return ok;
    const auto state = parsed(annals::config::hosted().state_json(parse_name(stream), past->state));
    if (!state) return state.error();
    if (json) {
      fmt::print("{{\"stream\":{},\"version\":{},\"position\":{},\"time\":{},\"state\":{}}}\n", json_text(stream), past->version, past->at,
                 past->version ? json_text(time_text(past->time)) : "null", text_of(*state));
    } else if (past->version == 0) {
      fmt::print("{} before its first event\n{}\n", stream, text_of(*state, 2));
    } else {
      fmt::print("{} at version {}, position {}, {}\n{}\n", stream, past->version, past->at, time_text(past->time), text_of(*state, 2));
    }
    return {};
  });
}

int show_changes(const where& place, const std::string& stream, const annals::as_of& when, bool json) {
  return with_view(place, [&](const annals::view& from) -> result<void> {
    auto first = annals::config::hosted().begin(parse_name(stream));
    if (!first) return first.error();
    changing_state state{std::move(*first)};
    if (auto ok = state.begin(); !ok) return ok;
    result<void> wrong;
    annals::version reached = 0;
    auto ok = from.stream(parse_name(stream), 1, [&](const annals::record_view& record) {
      if (!when.has(record)) return false;
      reached = record.version;
      auto text = state.take(record, json);
      if (text)
        fmt::print("{}", *text);
      else
        wrong = text.error();
      return wrong.has_value();
    });
    if (!wrong || !ok) return wrong ? ok : wrong;
    return has_come_so_far(from, stream, when, reached);
  });
}

}  // namespace tools
