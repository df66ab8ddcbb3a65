// Which effects of a projection have been executed. The folds change it; the projector writes it to the log's control table, one write
// at a time. The live fold and the fold of a rebuild share it, so an effect is executed once, whichever of them comes to its event.
#pragma once

#include "store/log/effects.hpp"
#include "store/log/log.hpp"

#include <optional>
#include <set>
#include <string>

namespace annals::actors {

class effect_progress {
public:
  /// What earlier runs have written. Without an entry this is the first start with effects: it begins after `head`. Skipped events
  /// have no pending effects.
  static result<effect_progress> read(const store::log& log, const std::string& projection, position head, const std::set<position>& skipped);

  store::effects now;

  /// Whether the control table has ever had an entry, or one is on its way.
  bool has_entry() const { return written_.has_value(); }
  /// The entry to write; nothing if the table has it, or a write is under way. The caller sends it to the drainer, and calls written()
  /// for the answer.
  std::optional<store::control_entry> to_write(const std::string& projection);
  void written() { is_writing_ = false; }

private:
  std::optional<store::effects> written_;  // as the table has it, or as last sent
  bool is_writing_ = false;
};

}  // namespace annals::actors
