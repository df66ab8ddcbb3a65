// Streams by the beginning of their names, or by when they changed.
#include "ops/console/figures.hpp"
#include "ops/console/moments.hpp"
#include "ops/console/parameters.hpp"
#include "ops/console/routes.hpp"
#include "ops/console/shapes.hpp"

#include <charconv>
#include <string>
#include <unordered_set>

namespace annals::ops {
namespace {

constexpr std::size_t looked_at_max = 20'000;

struct stream_query {
  std::string prefix;
  std::string type;
  std::optional<timestamp> since;
  std::optional<timestamp> until;
  std::string after;
  std::size_t limit = 200;
  bool is_recent = false;
  bool is_empty = false;  // the prefix and the category contradict each other

  bool wants(std::string_view newest_type, timestamp time) const {
    return (type.empty() || type == newest_type) && (!since || time >= *since) && (!until || time <= *until);
  }
  bool wants_all() const { return type.empty() && !since && !until; }
};

struct found_streams {
  json rows = json::array();
  std::size_t looked_at = 0;
  std::optional<std::string> next;
  bool complete = true;
};

stream_query query_of(parameters& given) {
  stream_query q{.prefix = given.text("prefix"),
                 .type = given.text("type"),
                 .since = given.time("since"),
                 .until = given.time("until"),
                 .after = given.text("after"),
                 .limit = given.limit(),
                 .is_recent = given.one_of("order", {"name", "recent"}) == 1};
  const auto category = given.text("category");
  if (category.empty()) return q;
  const auto begins = category + "-";
  q.is_empty = !q.prefix.starts_with(begins) && !begins.starts_with(q.prefix);
  if (q.prefix.size() < begins.size()) q.prefix = begins;
  return q;
}

result<found_streams> by_name(const call& c, const stream_query& q) {
  found_streams out;
  auto after = q.after;
  for (;;) {
    const auto page = c.view().page_of_streams(q.prefix, after, q.wants_all() ? q.limit : 500);
    if (!page) return page.error();
    for (const auto& each : page->streams) {
      ++out.looked_at;
      after = each.name;
      if (q.wants(each.type, each.time)) out.rows.push_back(stream_row(c.view().types(), each));
      if (out.rows.size() < q.limit) continue;
      if (page->more || &each != &page->streams.back()) out.next = after;
      return out;
    }
    if (!page->more) return out;
    if (out.looked_at < looked_at_max && !c.is_over()) continue;
    out.complete = false;
    out.next = after;
    return out;
  }
}

/// Whether this record is the newest of its stream.
result<bool> is_newest(const view& of, const record_view& record) {
  version newest = 0;
  auto ok = of.stream_backward(std::string{record.stream}, ~version{0}, [&](const record_view& last) { return newest = last.version, false; });
  if (!ok) return std::move(ok).error();
  return newest == record.version;
}

result<position> beginning_of(const call& c, const stream_query& q) {
  if (q.after.empty()) {
    const auto head = c.view().head();
    if (!head) return head.error();
    return head->at;
  }
  position at = 0;
  const auto [end, wrong] = std::from_chars(q.after.data(), q.after.data() + q.after.size(), at);
  if (wrong != std::errc{} || end != q.after.data() + q.after.size() || at == 0)
    return error{errc::bad_option, "parameter after: not the `next` of an answer", "after"};
  return at - 1;
}

/// Reads the log backwards: a stream is found where its newest record is.
result<found_streams> by_change(const call& c, const stream_query& q) {
  const auto begin = beginning_of(c, q);
  if (!begin) return begin.error();
  found_streams out;
  if (*begin == 0) return out;
  std::unordered_set<std::string> seen;
  std::optional<error> failed;
  position last = 0;
  auto ok = c.view().log_backward(*begin, [&](const record_view& record) {
    last = record.at;
    ++out.looked_at;
    if (record.stream.starts_with(q.prefix) && q.wants(record.type, record.time) && seen.emplace(record.stream).second) {
      const auto newest = is_newest(c.view(), record);
      if (!newest) return failed = newest.error(), false;
      if (*newest)
        out.rows.push_back(
            stream_row(c.view().types(), {std::string{record.stream}, record.version, record.at, record.time, std::string{record.type}}));
    } else if (record.stream.starts_with(q.prefix)) {
      seen.emplace(record.stream);  // its newest record is not wanted
    }
    return out.rows.size() < q.limit && out.looked_at < looked_at_max && !c.is_over();
  });
  if (failed) return *failed;
  if (!ok) return std::move(ok).error();
  out.complete = out.rows.size() >= q.limit || last <= 1;
  if (last > 1) out.next = std::to_string(last);
  return out;
}

json types_json(const hosted_types& known) {
  json all = json::array();
  for (const auto& each : known.event_names()) all.push_back(text(each));
  return all;
}

}  // namespace

json stream_row(const hosted_types& types, const stream_info& of) {
  return {{"stream", text(of.name)},
          {"kind", kind_of(types, category_of(of.name))},
          {"versions", of.newest},
          {"last", {{"stream", text(of.name)}, {"version", of.newest}, {"position", of.at}, {"time", time_text(of.time)}, {"type", text(of.type)}}}};
}

answer list_streams(call& c) {
  parameters given{c.asked};
  const auto q = query_of(given);
  if (given.wrong()) return answer_of(*given.wrong());
  auto found = q.is_empty ? result<found_streams>{found_streams{}} : q.is_recent ? by_change(c, q) : by_name(c, q);
  if (!found) return answer_of(found.error());
  return answer_of(json{{"streams", std::move(found->rows)},
                        {"next", found->next ? text(*found->next) : json{}},
                        {"complete", found->complete},
                        {"scanned", found->looked_at}});
}

answer list_categories(call& c) {
  const auto known = c.site.figures->newest(call::time_max);
  if (!known) return answer_of(error{errc::timed_out, "the streams are still being counted"});
  json rows = json::array();
  for (const auto& each : known->categories)
    rows.push_back(
        {{"name", text(each.category)}, {"kind", kind_of(c.view().types(), each.category)}, {"streams", each.streams}, {"records", each.records}});
  return answer_of(json{{"streams", known->streams},
                        {"records", known->head},
                        {"as_of", time_text(known->as_of)},
                        {"categories", std::move(rows)},
                        {"types", types_json(c.view().types())}});
}

}  // namespace annals::ops
