// A candidate: a store that is looked at, read only, before it is opened. The look finds out whether derived state is of use, and
// whether it knows of records that the log has lost (rule 6). A reader keeps what was opened for the look.
#pragma once

#include "store/derived/derived_store.hpp"
#include "store/log/front_log.hpp"
#include "store/open_store.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace annals::store {

struct candidate {
  std::unique_ptr<front_log> log;
  std::unique_ptr<derived_store> derived;  // null if derived/ is missing, or if `unusable` says why it cannot be used
  std::optional<error> unusable;           // useless, not readable for now, or ahead of the log (derived_ahead)

  bool is_of_a_loss() const { return unusable && unusable->code == errc::derived_ahead; }
};

/// Opens the log and derived state read only, once each, and changes nothing. An error if the log cannot be read. Call it with the
/// writer's lock held if `with` is for a writer.
result<candidate> look_at(const std::filesystem::path& store, const open_options& with);

/// Checks that LMDB's file of the log is whole.
result<void> check_log_file(const std::filesystem::path& store);

/// Derived state with this error will never be of use. State that cannot be read only for now may still know of a loss.
bool is_useless(const error& why);

std::filesystem::path images_of(const std::filesystem::path& store);

}  // namespace annals::store
