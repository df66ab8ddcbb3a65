// Where the records of some streams are: by the index and, after its mark, by one scan of the log. For a reader that keeps no tail in
// memory, and looks at more than one stream, or not from its beginning.
#pragma once

#include "store/derived/stream_index.hpp"
#include "store/log/log.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace annals::store {

class stream_places {
public:
  /// Scans the log after the index's mark for the streams that `wants` names. Needs 8 bytes of memory for each of their records there.
  /// Both outlive the object. Without an index (null) the whole log is scanned.
  static result<stream_places> of(const log& source, const stream_index* index, const std::function<bool(std::string_view)>& wants);

  /// 0 if there is no such stream.
  result<version> newest(std::string_view stream) const;
  /// Appends the positions of the versions `from` to `to`. Fewer, if the stream ends before.
  result<void> positions(std::string_view stream, version from, version to, std::vector<position>& out) const;
  /// The first version whose position is after `at`; newest() + 1 if there is none. By a few look-ups.
  result<version> first_after(std::string_view stream, position at) const;

private:
  struct run {
    version first = 0;
    std::vector<position> positions;
  };
  const run* in_tail(std::string_view stream) const;
  result<position> position_of(std::string_view stream, version which) const;

  const stream_index* index_ = nullptr;
  std::map<std::string, run, std::less<>> tail_;
};

}  // namespace annals::store
