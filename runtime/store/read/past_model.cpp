#include "store/read/past_model.hpp"

#include "store/log/skip_table.hpp"
#include "store/read/scan.hpp"

#include <algorithm>

namespace annals::store {

result<position> fold_log(const log& source, const stream_index* index, std::string_view projection, detail::hosted_model& into, position at,
                          const stream_choice& of, detail::left_out_events left_out) {
  const auto skipped = skipped_before(source, projection);
  if (!skipped) return skipped.error();
  at = std::min(at, source.readable());
  std::optional<error> wrong;
  const auto apply = [&](const record_view& record) {
    if (record.at > at) return false;
    if (!of.picks(record.stream) || skipped->contains(record.at)) return true;
    wrong = left_out.take(record, [&](const record_view& one) { return into.apply(one); });
    return !wrong;
  };
  auto ok = of.names() ? scan_some(source, index, *of.names(), apply) : scan(source, 1, apply);
  if (wrong) return std::move(*wrong);
  if (!ok) return std::move(ok).error();
  return at;
}

}  // namespace annals::store
