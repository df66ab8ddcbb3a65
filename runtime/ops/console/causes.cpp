// Along causation: what led to a record, and what it led to.
#include "ops/console/parameters.hpp"
#include "ops/console/routes.hpp"
#include "ops/console/shapes.hpp"
#include "ops/console/versions.hpp"

#include <annals/instances.hpp>

#include <algorithm>
#include <optional>

namespace annals::ops {
namespace {

constexpr std::size_t causes_max = 20;
constexpr std::size_t effects_max = 50;
constexpr position effects_within = 100'000;

/// A record, as far as its causes need it.
struct chain_link {
  json place;
  position at = 0;
  std::string stream;
  std::string type;
  std::string command_id;
  std::string causation;
};

chain_link link_of(const record_view& record) {
  return {place_json(record),           record.at, std::string{record.stream}, std::string{record.type}, std::string{record.command_id},
          std::string{record.causation}};
}

result<chain_link> link_at(const view& of, position at) {
  std::optional<chain_link> found;
  auto ok = of.log(at, [&](const record_view& record) {
    if (record.at == at) found = link_of(record);
    return false;
  });
  if (!ok) return std::move(ok).error();
  if (!found) return error{errc::not_found, "the log has no such position", std::to_string(at), 0, at};
  return *found;
}

/// How the instance of a process manager came to act on what is at the other end of a causation.
const char* how_in_instance(std::string_view stream, std::string_view cause_stream, std::string_view cause_type) {
  if (stream != cause_stream) return "observed";
  if (cause_type == "annals.timer_set") return "timer";
  return cause_type == "annals.command_sent" ? "answer" : "observed";
}

struct step {
  chain_link from;
  const char* how;
};

/// What caused a record; nothing if that is not known, or is no record.
result<std::optional<step>> step_back(const view& of, const chain_link& from) {
  if (const auto sender = sender_of(from.command_id)) {
    std::optional<chain_link> found;
    auto ok = look_at_version(of, sender->stream, sender->version, [&](const record_view& record) { found = link_of(record); });
    if (!ok && ok.error().code != errc::not_found) return std::move(ok).error();
    if (found && found->at < from.at) return std::optional<step>{{std::move(*found), "command"}};
  }
  const auto at = position_in(from.causation);
  if (!at || *at == 0 || *at >= from.at) return std::optional<step>{};
  auto found = link_at(of, *at);
  if (!found) return std::move(found).error();
  const auto* how = how_in_instance(from.stream, found->stream, found->type);
  return std::optional<step>{{std::move(*found), how}};
}

result<json> chain_back(const call& c, chain_link from) {
  json out = json::array();
  while (out.size() < causes_max && !c.is_over()) {
    auto back = step_back(c.view(), from);
    if (!back) return std::move(back).error();
    if (!*back) break;
    auto row = (*back)->from.place;
    row["how"] = (*back)->how;
    out.push_back(std::move(row));
    from = std::move((*back)->from);
  }
  return out;
}

/// How this record was caused by the other one; null if it was not.
const char* caused_by(const record_view& record, const chain_link& cause, version cause_version) {
  if (const auto sender = sender_of(record.command_id); sender && sender->version == cause_version && sender->stream == cause.stream)
    return "command";
  if (position_in(record.causation) == cause.at) return how_in_instance(record.stream, cause.stream, cause.type);
  return nullptr;
}

}  // namespace

answer list_causes(call& c) {
  parameters given{c.asked};
  const auto at = given.needed_number("position", 1);
  if (given.wrong()) return answer_of(*given.wrong());
  const auto from = link_at(c.view(), at);
  if (!from) return answer_of(from.error());
  auto causes = chain_back(c, *from);
  if (!causes) return answer_of(causes.error());
  json effects = json::array();
  bool more = false, complete = true;
  position last = at;
  const auto cause_version = from->place["version"].get<version>();
  auto ok = c.view().log(at + 1, [&](const record_view& record) {
    if (record.at > at + effects_within || c.is_over()) return complete = false;
    last = record.at;
    const auto* how = caused_by(record, *from, cause_version);
    if (!how) return true;
    if (effects.size() == effects_max) return !(more = true);
    effects.push_back(place_json(record));
    effects.back()["how"] = how;
    return true;
  });
  if (!ok) return answer_of(ok.error());
  return answer_of(json{{"position", at},
                        {"causes", std::move(*causes)},
                        {"effects", std::move(effects)},
                        {"effects_more", more},
                        {"searched", {{"from", at + 1}, {"to", last}, {"complete", complete && !more}}}});
}

}  // namespace annals::ops
