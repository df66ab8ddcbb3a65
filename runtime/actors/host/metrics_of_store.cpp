// runtime::metrics(): files, LMDB and the disk, as the index writer has last seen them.
#include "actors/host/metric_list.hpp"
#include "actors/host/metrics.hpp"

namespace annals::detail {

using enum metric_kind;

void add_store(metrics& into, const shown_runtime& of) {
  const auto& store = of.meters->store;
  family_builder{into, gauge, "annals_store_bytes", "Sizes of files, looked at every five seconds."}
      .count({{"part", "log"}}, store.log_bytes)
      .count({{"part", "front"}}, store.front_bytes)
      .count({{"part", "derived"}}, store.derived_bytes)
      .count({{"part", "images"}}, store.image_bytes);
  using environment = actors::store_meters::environment;
  const auto of_both = [&](std::string_view name, std::string_view help, telemetry::gauge environment::* cell) {
    family_builder{into, gauge, name, help}.count({{"env", "log"}}, store.log.*cell).count({{"env", "derived"}}, store.derived.*cell);
  };
  of_both("annals_lmdb_map_bytes", "The address space that is reserved: the file cannot outgrow it while the store is open.",
          &environment::map_bytes);
  family_builder{into, gauge, "annals_lmdb_pages", "Pages of the file: in use, or free for the next commits."}
      .count({{"env", "log"}, {"state", "used"}}, store.log.pages_used)
      .count({{"env", "log"}, {"state", "free"}}, store.log.pages_free)
      .count({{"env", "derived"}, {"state", "used"}}, store.derived.pages_used)
      .count({{"env", "derived"}, {"state", "free"}}, store.derived.pages_free);
  of_both("annals_lmdb_readers", "Slots of the reader table in use, by all processes.", &environment::readers);
  of_both("annals_lmdb_readers_limit", "Slots of the reader table.", &environment::readers_limit);
  of_both("annals_lmdb_oldest_reader_transactions",
          "How many commits the oldest snapshot that is being read is behind the newest; its pages cannot be reused. 0: nobody reads.",
          &environment::oldest_reader);
  of_both("annals_disk_free_bytes", "Bytes that an ordinary user may still write to the file system.", &environment::disk_free);
}

}  // namespace annals::detail
