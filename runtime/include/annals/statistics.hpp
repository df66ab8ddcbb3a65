/// What there is in a store, in figures: store_view::stats(), `annals stats`.
#pragma once

#include <annals/receipt.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace annals {

struct category_stats {
  std::string category;
  std::uint64_t streams = 0;
  std::uint64_t records = 0;
};

/// Somebody who follows the log and keeps in derived/ how far: the checkpoint, and how many records are behind it. Beside its
/// writer it may be further: a checkpoint is written every 1,000 records, with the stream index, and on close.
struct follower_stats {
  std::string name;
  position at = 0;
  std::uint64_t lag = 0;
};

/// The image of a projection's model, and how many records are behind it: a start reads those. The model itself is further, in
/// the memory of its writer: see its checkpoint, or its writer's health().
struct image_stats {
  std::string projection;
  position at = 0;
  std::uint64_t lag = 0;
  std::uint64_t bytes = 0;
};

/// A subscription of a host: the log itself remembers how far it is.
struct subscription_stats {
  std::string name;
  position at = 0;  ///< everything up to here is done with, as it was written last: what a filter passes over is written seldom
  std::uint64_t lag = 0;
  std::uint64_t parked = 0;
};

struct derived_stats {
  position indexed = 0;  ///< the stream index's mark
  std::uint64_t snapshots = 0;
  std::uint64_t snapshot_bytes = 0;  ///< of their states
  std::vector<follower_stats> followers;  ///< `process …` and `projection …`, by name
  std::vector<image_stats> images;        ///< by name and position
  std::uint64_t parked = 0;               ///< events that projections and process managers have parked
};

/// Looked at one after the other: beside a writer the later figures may be newer. Bytes are those of the files.
struct store_stats {
  position durable = 0;   ///< beside a writer, what it is just writing may be in
  position readable = 0;  ///< the log's records, since positions have no gaps
  std::uint64_t streams = 0;
  std::vector<category_stats> categories;  ///< by name
  std::vector<subscription_stats> subscriptions;  ///< by name
  std::uint64_t log_bytes = 0;
  std::uint64_t front_bytes = 0;
  std::uint64_t derived_bytes = 0;
  std::optional<derived_stats> derived;
  std::string why_no_derived;  ///< when there is none: what is wrong with derived/
};

}  // namespace annals
