/// Looks at a store from outside. Reads the log without the C++ types that wrote it, also while another process writes.
#pragma once

#include <annals/hosted_types.hpp>
#include <annals/receipt.hpp>
#include <annals/replay.hpp>
#include <annals/result.hpp>
#include <annals/view.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace annals {

/// The result of verify().
struct verified {
  std::uint64_t records = 0;
  std::uint64_t streams = 0;
  std::uint64_t bytes = 0;  ///< of all payloads
  // Derived state, compared with the log:
  std::uint64_t indexed = 0;  ///< records in the stream index, up to its mark
  std::uint64_t snapshots = 0;
  std::uint64_t snapshots_damaged = 0;  ///< loading ignores them
  std::uint64_t images = 0;             ///< of read models and process managers
  std::uint64_t images_damaged = 0;     ///< a start builds the model without them
  std::uint64_t checkpoints = 0;        ///< of projections and process managers
  bool derived_damaged = false;         ///< derived/ exists but cannot be read; the next writable open rebuilds it
  std::string why_no_derived;           ///< why derived/ was not verified: it does not exist, or cannot be read
};

/// A view of a store from outside, beside a program that writes or without one; view.hpp has what it shows. backup() makes one consistent
/// copy.
class store_view final : public view {
public:
  /// `types` are those that types() returns. Errors: store_*; misuse if this process already has the store open for writing: use
  /// runtime::view() then.
  static result<store_view> open(const std::filesystem::path& store, hosted_types types = {});

  store_view(store_view&&) noexcept;
  store_view& operator=(store_view&&) noexcept;
  ~store_view();

  /// 32 hex digits; empty where view::store_id() is an error.
  const std::string& store_id() const;
  /// As view::head(), without an error: a view that was moved from, and a child of a fork, answer the token {}.
  token head() const;

  /// Checks the checksum of every record, that positions and versions have no gaps, and that the events of a command are together. The
  /// first bad record is the error: corrupt_record with `place`. The check continues after records that cannot be read; the error says
  /// how many there are and where. If it can read all, it compares derived state with the log: positions in the stream index, the
  /// records that snapshots and images name, and checkpoints. A difference is store_failed or derived_ahead, with the place. Missing or
  /// unreadable derived state is no error. Every snapshot and image is read whole, and the damaged ones are counted. Takes memory for
  /// the name of each stream and snapshot, and for the largest image.
  result<verified> verify() const;

  /// As runtime::verify_replay(), for the streams of these types.
  result<replayed> verify_replay(const hosted_types& types) const;

  /// As runtime::backup().
  result<void> backup(const std::filesystem::path& target) const;

private:
  struct inside;
  explicit store_view(std::shared_ptr<inside> in);
  std::shared_ptr<inside> in_;
};

}  // namespace annals
