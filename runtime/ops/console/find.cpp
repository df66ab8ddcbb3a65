// The search box: understands a text by its form.
#include "ops/console/moments.hpp"
#include "ops/console/parameters.hpp"
#include "ops/console/routes.hpp"
#include "ops/console/shapes.hpp"

#include <annals/instances.hpp>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

namespace annals::ops {
namespace {

constexpr std::size_t rows_max = 20;
constexpr position searched_max = 200'000;

struct findings {
  std::string understood = "prefix";
  bool found = false;
  std::string text;
  json stream;
  json records = json::array();
  json streams = json::array();
  json searched;
};

std::optional<std::uint64_t> whole_number(std::string_view given) {
  std::string digits;
  for (const char each : given)
    if (each != ',' && each != ' ') digits += each;
  std::uint64_t value = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || wrong != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::string grouped(std::uint64_t number) {
  auto out = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > 0; at -= 3) out.insert(static_cast<std::size_t>(at), 1, ',');
  return out;
}

result<findings> by_position(const call& c, position at) {
  findings out{.understood = "position"};
  record_list rows{c.view().types(), rows_max};
  bool is_there = false;
  auto ok = c.view().log(std::max<position>(at, 1), [&](const record_view& record) {
    is_there = is_there || record.at == at;
    return rows.add(record);
  });
  if (!ok) return std::move(ok).error();
  out.found = is_there;
  out.records = rows.taken();
  out.text = is_there ? "Position " + grouped(at) + " of the log, and the next ones" : "The log has no position " + grouped(at);
  return out;
}

/// Reads the newest part of the log, newest first, for the records that are wanted; they come in the log's order.
result<bool> search_back(const call& c, const std::function<bool(const record_view&)>& is_wanted, findings& into) {
  record_list rows{c.view().types(), rows_max};
  const auto head = c.view().head();
  if (!head) return head.error();
  position last = head->at + 1;
  const position least = head->at > searched_max ? head->at - searched_max + 1 : 1;
  bool is_cut = false;
  if (head->at > 0) {
    auto ok = c.view().log_backward(head->at, [&](const record_view& record) {
      if (record.at < least || c.is_over()) return is_cut = true, false;
      last = record.at;
      if (is_wanted(record)) rows.add(record);
      return !rows.is_full();
    });
    if (!ok) return std::move(ok).error();
  }
  const bool has_some = !rows.is_empty();
  into.searched = {{"from", last}, {"to", head->at}, {"complete", last <= 1 && !is_cut}};
  into.records = rows.taken(true);
  return has_some;
}

/// The record that sent a command, named as STREAM#VERSION; nothing if the text is no such name.
std::optional<sent_by> named_sender(std::string_view given) {
  const auto mark = given.rfind('#');
  if (mark == std::string_view::npos || mark == 0) return std::nullopt;
  const auto number = whole_number(given.substr(mark + 1));
  if (!number || *number == 0) return std::nullopt;
  return sent_by{std::string{given.substr(0, mark)}, *number};
}

result<findings> by_sender(const call& c, const sent_by& sender) {
  findings out{.understood = "command_id"};
  position sent_at = 0;
  std::string to;
  auto ok = c.view().stream(sender.stream, sender.version, [&](const record_view& record) {
    if (record.version != sender.version || record.type != "annals.command_sent") return false;
    sent_at = record.at;
    if (const auto payload = c.view().types().payload_json(record)) {
      const auto fields = json::parse(*payload, nullptr, false);
      if (fields.is_object() && fields.contains("to") && fields["to"].is_string()) to = fields["to"];
    }
    return false;
  });
  if (!ok && ok.error().code != errc::not_found) return std::move(ok).error();
  if (sent_at == 0 || to.empty()) {
    out.text = "No record " + sender.stream + " " + std::to_string(sender.version) + " sent a command";
    return out;
  }
  record_list rows{c.view().types(), rows_max};
  ok = c.view().stream_backward(to, ~version{0}, [&](const record_view& record) {
    if (record.at < sent_at || c.is_over()) return false;
    const auto by = sender_of(record.command_id);
    if (by && by->version == sender.version && by->stream == sender.stream) rows.add(record);
    return !rows.is_full();
  });
  if (!ok && ok.error().code != errc::not_found) return std::move(ok).error();
  out.found = !rows.is_empty();
  out.records = rows.taken(true);
  out.text = out.found ? "A command id: what it wrote" : "A command id that no record bears: it was rejected, wrote nothing, or is unknown";
  return out;
}

result<findings> by_stream(const call& c, const std::string& name, const stream_ends& ends) {
  findings out{.understood = "stream", .found = true, .text = "The stream of this name"};
  out.stream = {{"stream", text(name)}, {"kind", kind_of(c.view().types(), category_of(name))}, {"versions", ends.newest}, {"last", ends.last}};
  std::string correlation;
  auto ok = c.view().stream(name, 1, [&](const record_view& record) { return correlation = record.correlation, false; });
  if (!ok) return std::move(ok).error();
  const auto is_wanted = [&](const record_view& record) {
    return record.stream != name && (record.correlation == name || (!correlation.empty() && record.correlation == correlation));
  };
  auto others = search_back(c, is_wanted, out);
  if (!others) return std::move(others).error();
  if (*others) out.text += ", and what others did with the same correlation";
  return out;
}

result<findings> by_id_or_prefix(const call& c, const std::string& given) {
  findings out;
  bool is_command = false;
  auto any = search_back(
      c,
      [&](const record_view& record) {
        const bool has_id = record.command_id == given;
        is_command = is_command || has_id;
        return has_id || record.correlation == given;
      },
      out);
  if (!any) return std::move(any).error();
  if (*any) {
    out.found = true;
    out.understood = is_command ? "command_id" : "correlation";
    out.text = is_command ? "A command id: what it wrote" : "A correlation: what belongs to it";
    return out;
  }
  const auto page = c.view().page_of_streams(given, {}, rows_max);
  if (!page) return page.error();
  for (const auto& each : page->streams) out.streams.push_back(stream_row(c.view().types(), each));
  out.found = !page->streams.empty();
  out.text = out.found ? "Streams whose names begin with this" : "Nothing has this name, id or correlation";
  return out;
}

result<findings> find(const call& c, const std::string& given) {
  if (const auto at = whole_number(given)) return by_position(c, *at);
  auto ends = ends_of(c.view(), given);
  if (ends) return by_stream(c, given, *ends);
  if (ends.error().code != errc::not_found) return ends.error();
  if (const auto sender = named_sender(given)) return by_sender(c, *sender);
  return by_id_or_prefix(c, given);
}

}  // namespace

answer find_text(call& c) {
  parameters given{c.asked};
  const auto q = given.needed_text("q");
  if (given.wrong()) return answer_of(*given.wrong());
  auto found = find(c, q);
  if (!found) return answer_of(found.error());
  return answer_of(json{{"q", text(q)},
                        {"understood", found->understood},
                        {"found", found->found},
                        {"text", text(found->text)},
                        {"stream", std::move(found->stream)},
                        {"records", std::move(found->records)},
                        {"streams", std::move(found->streams)},
                        {"searched", std::move(found->searched)}});
}

}  // namespace annals::ops
