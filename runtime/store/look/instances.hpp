// Instances of process managers: where each stands, how many there are, and lists of them.
#pragma once

#include "store/look/open_work.hpp"
#include "store/look/parts.hpp"

#include <annals/detail/tables.hpp>
#include <annals/instances.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace annals::store {

/// Remembers the open work of the process managers that were asked for. Thread-safe; a call waits for others, which read a bounded number
/// of records at a time.
class known_instances {
public:
  /// Of one process manager, read on just now.
  struct reading {
    std::unique_lock<std::mutex> lock;
    const open_work* work;
    std::map<std::string, parked_event, std::less<>> stuck;  // the first of each instance
    std::shared_ptr<const held_commands> held;               // null: not known
  };

  result<instance_counts> count(const looked_at& in, const detail::process_table& of);
  result<instance_page> list(const looked_at& in, const detail::process_table& of, const instance_query& which);
  /// Where one stands, whether or not it exists, without what its stream says.
  result<process_instance_info> look_up(const looked_at& in, const detail::process_table& of, const std::string& stream);

private:
  result<reading> read_on(const looked_at& in, const detail::process_table& of);

  std::mutex mutex_;  // guards everything below
  std::map<std::string, open_work, std::less<>> work_;
};

/// Fills in what the streams of these say: the newest version and event, and the times.
result<void> fill_in(const looked_at& in, std::vector<process_instance_info>& these);

}  // namespace annals::store
