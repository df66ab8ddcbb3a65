/// Searches of the log, and pages of streams: view::search(), view::page_of_streams().
#pragma once

#include <annals/describe.hpp>
#include <annals/receipt.hpp>
#include <annals/record.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals {

enum class direction : std::uint8_t {
  forward,   ///< oldest first
  backward,  ///< newest first
};

/// Which records a search wants: those with all that is set here. An empty text is not set.
struct record_filter {
  std::string stream_prefix = {};  ///< a beginning of the stream's name
  std::string type = {};           ///< stored name of the event
  std::string command_id = {};
  std::string correlation = {};
  std::string causation = {};
  std::string principal = {};
  std::optional<timestamp> from_time = std::nullopt;  ///< records of that time are wanted
  std::optional<timestamp> to_time = std::nullopt;    ///< the same

  bool wants(const record_view& record) const {
    const auto is = [](const std::string& wanted, std::string_view found) { return wanted.empty() || wanted == found; };
    return record.stream.starts_with(stream_prefix) && is(type, record.type) && is(command_id, record.command_id) &&
           is(correlation, record.correlation) && is(causation, record.causation) && is(principal, record.principal) &&
           (!from_time || record.time >= *from_time) && (!to_time || record.time <= *to_time);
  }
};

/// Where a search begins, and how much it reads in one call.
struct search_bounds {
  direction go = direction::backward;
  std::optional<position> begin = std::nullopt;  ///< the first record to look at; not set: the head, or position 1 for `forward`
  std::uint64_t records_max = 100'000;           ///< looked at, wanted or not
  std::size_t found_max = 200;                   ///< visited
};

/// How far a search has come. Every record from `begin` to before `next` was looked at.
struct searched {
  std::uint64_t looked_at = 0;
  std::size_t found = 0;
  std::optional<position> next;  ///< `begin` of the call that continues this one; nothing if all of the log in that direction was looked at
  static constexpr auto about = annals::describe<&searched::looked_at, &searched::found, &searched::next>("searched", 1);
};

/// A stream and its newest record.
struct stream_info {
  std::string name;
  version newest = 0;
  position at = 0;
  timestamp time = 0;
  std::string type;
  static constexpr auto about =
      annals::describe<&stream_info::name, &stream_info::newest, &stream_info::at, &stream_info::time, &stream_info::type>("stream_info", 1);
};

/// Streams in byte order of their names.
struct stream_page {
  std::vector<stream_info> streams;
  bool more = false;  ///< there are streams after the last one
  static constexpr auto about = annals::describe<&stream_page::streams, &stream_page::more>("stream_page", 1);
};

}  // namespace annals
