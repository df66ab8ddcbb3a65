/// A store seen from outside: reads the log without the C++ types that wrote it, also while another process writes.
#pragma once

#include <annals/receipt.hpp>
#include <annals/record.hpp>
#include <annals/result.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace annals {

/// What verify() has seen.
struct verified {
  std::uint64_t records = 0;
  std::uint64_t streams = 0;
  std::uint64_t bytes = 0;  ///< of payloads
};

/// Reads only, each call in short transactions (backup is the exception: one consistent copy). Thread-safe.
class store_view {
public:
  /// Errors: store_*; misuse when this process has the store open already: then use runtime::log() and its like.
  static result<store_view> open(const std::filesystem::path& store);

  store_view(store_view&&) noexcept;
  store_view& operator=(store_view&&) noexcept;
  ~store_view();

  /// 32 hex digits.
  const std::string& store_id() const;
  /// The readable head.
  token head() const;

  /// Visits records from `from` on until the visitor returns false or the head as of the call is reached.
  result<void> log(position from, const std::function<bool(const record_view&)>& visit) const;
  /// Visits the streams that begin with `prefix`, in byte order, with their newest version.
  result<void> streams(std::string_view prefix, const std::function<bool(std::string_view, version)>& visit) const;
  /// Visits one stream's records from version `from` on. not_found when there is no such stream.
  result<void> stream(const std::string& id, version from, const std::function<bool(const record_view&)>& visit) const;

  /// Checks every record's checksum, the positions and versions without gaps, and that the events of a command are
  /// together. The first bad place is the error: corrupt_record with `place`. Takes memory for each stream's name.
  result<verified> verify() const;

  /// As runtime::backup().
  result<void> backup(const std::filesystem::path& target) const;

private:
  struct inside;
  explicit store_view(std::unique_ptr<inside> in);
  std::unique_ptr<inside> in_;
};

}  // namespace annals
