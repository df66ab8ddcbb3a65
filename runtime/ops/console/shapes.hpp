// JSON of what appears in several answers: places, records, followers, parked events.
#pragma once

#include "ops/console/site.hpp"

#include <annals/parked.hpp>
#include <annals/record.hpp>
#include <annals/search.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals::ops {

constexpr std::size_t payload_bytes_in_list = 16 * 1024;
constexpr std::size_t shown_bytes_max = 256 * 1024;
constexpr std::size_t answer_bytes_max = 1024 * 1024;

/// "aggregate", "process", or null if the type is not known here.
json kind_of(const hosted_types& types, std::string_view category);

/// The id of a command; one that a process manager made is shown as STREAM#VERSION.
json shown_id(std::string_view command_id);

/// A stream in a list.
json stream_row(const hosted_types& types, const stream_info& of);

json place_json(const record_view& record);

/// A payload of more than `bytes_max` as JSON is omitted.
json record_json(const hosted_types& types, const record_view& record, std::size_t bytes_max = payload_bytes_in_list);

/// Records for a list, until they are many or large.
class record_list {
public:
  record_list(const hosted_types& types, std::size_t limit, std::size_t payload_max = payload_bytes_in_list)
      : types_(types), limit_(limit), payload_max_(payload_max) {}
  /// False when no more fit.
  bool add(const record_view& record);
  bool is_full() const { return rows_.size() >= limit_ || bytes_ >= answer_bytes_max; }
  bool is_empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  json taken(bool reversed = false);

private:
  const hosted_types& types_;
  std::size_t limit_;
  std::size_t payload_max_;
  std::vector<json> rows_;
  std::size_t bytes_ = 0;
};

/// The record at a position. Errors: not_found.
result<json> record_at(const call& c, position at, std::size_t bytes_max = payload_bytes_in_list);

/// A text as JSON; a string of it if it is not JSON.
json parsed(const std::string& text);

/// The first and the newest record of a stream, as places. Errors: not_found.
struct stream_ends {
  json first;
  json last;
  version newest = 0;
};
result<stream_ends> ends_of(const view& of, const std::string& stream);

std::string_view category_of(std::string_view stream);

}  // namespace annals::ops
