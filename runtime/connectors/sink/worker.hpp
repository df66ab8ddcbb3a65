// Applies one worker's share of the events to one generation: each step is one transaction of many events and the positions that they reach.
// An event that fails is tried again alone, with growing pauses, and then parked, or the sink stops there: as the failure policy says.
#pragma once

#include "connectors/sink/board.hpp"
#include "connectors/sink/queues.hpp"
#include "connectors/sink/target.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace annals::connectors {

struct follower_parts {
  const target& to;
  generation which;
  board& told;
  queues& from;
  const stopper& until;
};

class worker {
public:
  worker(const follower_parts& parts, std::size_t number) : parts_(parts), number_(number) {}

  /// Returns when it is stopped, has stopped the follower, or the generation is gone.
  void run();

private:
  enum class then { go_on, look_again, end };
  struct failing {
    position at = 0;
    std::uint32_t attempts = 0;
    std::string why;
    bool is_given_up = false;
  };
  /// What is left of a chunk.
  struct work {
    std::vector<const held_event*> events;
    std::size_t done = 0;
    std::size_t at_most = static_cast<std::size_t>(-1);  ///< events in the next step; fewer after one was refused
    position up_to = 0;
    timestamp time = 0;
  };
  struct prepared {
    step what;
    std::vector<std::size_t> indexes;  ///< of what is applied, in work::events
    std::size_t events = 0;
  };

  bool is_mine(std::uint32_t slot) const { return slot % parts_.to.workers == number_; }
  bool begin();
  then look();
  then handle(const chunk& one);
  /// With nothing to do: whether another process was here, or the database has lost what it had.
  then check();
  work what_is_new(const chunk& one) const;
  /// Takes the next chunk, if it is there already, and says which of its events will be applied if nothing fails.
  std::vector<const held_event*> read_ahead();
  prepared next_step(const work& of) const;
  std::optional<parked_row> to_park(const held_event& one, const std::map<std::string, position, std::less<>>& also) const;
  then took_effect(work& of, const prepared& one);
  then was_refused(work& of, const prepared& one, const outcome& how);
  then give_up(const held_event& one);
  position lowest() const;
  void tell(timestamp time);
  then end(error why);
  then wait(error why);

  follower_parts parts_;
  std::size_t number_;
  std::unique_ptr<connection> database_;
  pauses pauses_{std::chrono::milliseconds{100}, std::chrono::seconds{10}};
  std::vector<slot_place> places_{slot_count};  ///< of its own slots
  std::set<position> skipped_;
  std::map<std::string, position, std::less<>> parked_streams_;  ///< with their first parked position
  failing failing_;
  std::optional<chunk> next_;  ///< read ahead
};

}  // namespace annals::connectors
