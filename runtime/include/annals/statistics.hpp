/// Figures of a store: stats() of a runtime, of a remote handle and of a store_view; `annals stats`.
#pragma once

#include <annals/describe.hpp>
#include <annals/receipt.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace annals {

/// What stats() of a view counts.
enum class figures : std::uint8_t {
  all,    ///< takes as long as reading the names of all streams and the sizes of all snapshots
  quick,  ///< all that is known without that: `streams`, `categories`, `snapshots` and `snapshot_bytes` stay empty
};

struct category_stats {
  std::string category;
  std::uint64_t streams = 0;
  std::uint64_t records = 0;
  static constexpr auto about = annals::describe<&category_stats::category, &category_stats::streams, &category_stats::records>("category_stats", 1);
};

/// The checkpoint of a follower, by which it records its progress in derived/, and the number of records after it. While a writer runs,
/// the follower may be ahead of it: checkpoints are written every 1,000 records, with the stream index, and on close.
struct follower_stats {
  std::string name;
  position at = 0;
  std::uint64_t lag = 0;
  static constexpr auto about = annals::describe<&follower_stats::name, &follower_stats::at, &follower_stats::lag>("follower_stats", 1);
};

/// The image of a projection's model, and the number of records after it, which a start reads. The model in the writer's memory is
/// ahead of it: see its checkpoint, or health() of the writer.
struct image_stats {
  std::string projection;
  position at = 0;
  std::uint64_t lag = 0;
  std::uint64_t bytes = 0;
  static constexpr auto about =
      annals::describe<&image_stats::projection, &image_stats::at, &image_stats::lag, &image_stats::bytes>("image_stats", 1);
};

/// A subscription of a host. Its progress is stored in the log.
struct subscription_stats {
  std::string name;
  position at = 0;  ///< everything up to here is settled, as last written; rarely written for records that the filter excludes
  std::uint64_t lag = 0;
  std::uint64_t parked = 0;
  static constexpr auto about =
      annals::describe<&subscription_stats::name, &subscription_stats::at, &subscription_stats::lag, &subscription_stats::parked>(
          "subscription_stats", 1);
};

struct derived_stats {
  position indexed = 0;  ///< the stream index has the log up to here
  std::uint64_t snapshots = 0;
  std::uint64_t snapshot_bytes = 0;       ///< of the encoded states
  std::vector<follower_stats> followers;  ///< `process …` and `projection …`, by name
  std::vector<image_stats> images;        ///< by name and position
  std::uint64_t parked = 0;               ///< events parked by projections and process managers
  static constexpr auto about = annals::describe<&derived_stats::indexed, &derived_stats::snapshots, &derived_stats::snapshot_bytes,
                                                 &derived_stats::followers, &derived_stats::images, &derived_stats::parked>("derived_stats", 1);
};

/// stats() takes the figures one after the other: while a writer runs, later ones may be newer. Bytes are sizes of files.
struct store_stats {
  std::string store_id;   ///< 32 hex digits
  position durable = 0;   ///< while a writer runs, this may include the batch that it is writing
  position readable = 0;  ///< also the number of records, since positions have no gaps
  std::uint64_t streams = 0;
  std::vector<category_stats> categories;         ///< by name
  std::vector<subscription_stats> subscriptions;  ///< by name
  std::uint64_t log_bytes = 0;
  std::uint64_t front_bytes = 0;
  std::uint64_t derived_bytes = 0;
  std::optional<derived_stats> derived;
  std::string why_no_derived;  ///< if `derived` is empty: what is wrong with derived/
  static constexpr auto about =
      annals::describe<&store_stats::store_id, &store_stats::durable, &store_stats::readable, &store_stats::streams, &store_stats::categories,
                       &store_stats::subscriptions, &store_stats::log_bytes, &store_stats::front_bytes, &store_stats::derived_bytes,
                       &store_stats::derived, &store_stats::why_no_derived>("store_stats", 1);
};

}  // namespace annals
