// Records on their way between nodes: with their bytes as the log has them, so their checksums hold from end to end.
#pragma once

#include <annals/record.hpp>
#include <annals/result.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace annals::net {

/// Fills one answer. records.cpp has the grammar.
class record_batch {
public:
  record_batch();
  /// `attempt`: of a subscription's delivery; 0 otherwise.
  void add(const record_view& record, std::uint32_t attempt = 0);
  std::size_t bytes() const { return bytes_.size(); }
  std::uint64_t count() const { return count_; }
  /// `next`: where the caller goes on. `is_last`: there is nothing more for now, or as much as it asked for.
  std::string done(std::uint64_t next, bool is_last);

private:
  std::string bytes_;
  std::uint64_t count_ = 0;
};

struct batch_end {
  std::uint64_t next = 0;
  bool is_last = false;
};
/// Visits the records of a batch until the visitor returns false. A view is valid as long as `bytes`. Errors: undecodable; corrupt_record,
/// with the position.
result<batch_end> read_batch(std::string_view bytes, const std::function<bool(const record_view&, std::uint32_t attempt)>& visit);

/// The same with the bytes of each record, for a log.
result<batch_end> read_batch_for_a_log(std::string_view bytes, const std::function<bool(const record_view&, std::string_view record)>& visit);

}  // namespace annals::net
