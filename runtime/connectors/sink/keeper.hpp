// The thread behind a sink. It finds out which generations the database has, has them followed, and puts a rebuilt one in the place of the
// one that serves.
//
//   look ──> none: create live ──> follow ──> gone, or another process swapped: look again
//    │                               │ ───> an event stopped it: wait for retry() or skip()
//    └─ other handlers, or rebuild(): create next ──> follow both ──> next has caught up: stop both, swap, look again
#pragma once

#include "connectors/sink/board.hpp"
#include "connectors/sink/follower.hpp"
#include "connectors/sink/target.hpp"

#include <annals/sink.hpp>

#include <sys/types.h>

#include <memory>
#include <thread>

namespace annals::connectors {

/// Any thread may call the public functions.
class keeper {
public:
  /// Errors: bad_option, no_threads.
  static result<std::shared_ptr<keeper>> start(std::unique_ptr<target> to, sink_source from);
  keeper(std::unique_ptr<target> to, sink_source from);
  ~keeper();

  sink_status status();
  result<void> wait_for(token until, std::chrono::milliseconds time_out);
  std::vector<parked_event> parked();
  result<void> retry(position at);
  result<void> skip(position at);
  result<void> rebuild();
  result<void> wait_for_rebuild(std::chrono::milliseconds time_out);
  annals::metrics metrics();
  void close();

private:
  struct found {
    std::unique_ptr<connection> database;
    std::optional<generation_state> live, next;
    std::uint64_t history = 0;
  };
  enum class ended { look_again, caught_up, stopped };

  void keep();
  /// Errors that may pass have been waited for.
  result<void> once();
  result<found> look();
  result<void> prepare_next(found& at, bool is_wanted);
  result<void> follow(found& at, bool has_next);
  ended watch(bool has_live, position next_until);
  result<void> finish(found& at, bool has_live);
  result<void> stopped(found& at, bool has_live);
  void wait_for_decision();
  std::optional<error> usable() const;

  result<void> settle_parked(position at, bool by_applying);
  result<void> settle_one(position at, bool by_applying);
  result<held_event> read(position at) const;
  bool go_on_from(position at);

  std::unique_ptr<target> to_;
  sink_source log_;
  board told_;
  stopper stopper_;
  bool has_served_ = false;  ///< live had the shape of this program
  bool was_wanted_ = false;  ///< the round that is under way began with the wish for a rebuild
  pid_t process_;
  std::thread thread_;
};

}  // namespace annals::connectors
