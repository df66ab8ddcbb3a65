#include "net/replica/copier.hpp"

#include "net/wire/records.hpp"

#include <iterator>
#include <map>
#include <utility>

namespace annals::net {
namespace {

result<void> outcome_of(const store::commit_outcome& done) {
  if (done.status == store::commit_status::committed) return {};
  if (done.status == store::commit_status::failed) return error{errc::store_failed, "the copy cannot be written", done.detail};
  return error{errc::storage_full, "no space for the copy", done.detail};
}

}  // namespace

copier::copier(store::log& copy, std::uint64_t bytes_max)
    : copy_(copy), bytes_max_(bytes_max), next_(copy.durable() + 1), source_head_(copy.durable()), source_time_(copy.last_time()) {
  const position last[] = {copy.durable()};
  if (last[0] > 0)
    (void)copy.read_at(last, [&](const record_view& record) {
      previous_checksum_ = record.checksum;
      return true;
    });
}

pull_call copier::next(std::chrono::milliseconds longest) const {
  return {copy_.identity().history, next_, previous_checksum_, bytes_max_, control_generation_, control_count_, longest.count()};
}

result<void> copier::take(std::string answer) {
  auto given = decoded<pull_answer>(answer);
  if (!given) return std::move(given).error();
  answer_ = std::move(given->records);
  if (auto ok = take_records(answer_); !ok) return ok;
  source_head_ = given->head;
  source_time_ = given->head_time;
  if (given->has_control) take_control(*given);
  return {};
}

/// Checks that these are the next records, one after the other.
result<void> copier::take_records(std::string_view batch) {
  records_.clear();
  first_ = next_;
  std::optional<error> wrong;
  const auto end = read_batch_for_a_log(batch, [&](const record_view& view, std::string_view record) {
    if (view.at != next_) wrong = error{errc::corrupt_record, "the source left out a record", "position " + std::to_string(next_), 0, next_};
    records_.push_back(record);
    ++next_;
    previous_checksum_ = view.checksum;
    return !wrong;
  });
  if (!end) return end.error();
  return wrong ? result<void>{std::move(*wrong)} : result<void>{};
}

void copier::take_control(pull_answer& answer) {
  control_generation_ = answer.control_generation;
  control_count_ = answer.control_count;
  undecided now{std::move(answer.control), answer.is_all_control, answer.control_head};
  // Entries that still wait are older than these.
  if (undecided_ && !now.is_all) {
    auto& all = undecided_->entries;
    all.insert(all.end(), std::make_move_iterator(now.entries.begin()), std::make_move_iterator(now.entries.end()));
    undecided_->head = now.head;
  } else {
    undecided_ = std::move(now);
  }
}

result<void> copier::write() {
  if (auto ok = write_records(); !ok) return ok;
  return write_control();
}

result<void> copier::write_records() {
  if (records_.empty()) return {};
  auto ok = outcome_of(copy_.commit(first_, records_));
  if (ok) records_.clear();
  return ok;
}

/// The last entry of a key counts.
result<void> copier::write_control() {
  if (!undecided_ || undecided_->head > copy_.readable()) return {};
  std::map<std::string, std::string> last;
  if (undecided_->is_all) {
    auto ok = copy_.control({}, [&](std::string_view key, std::string_view) { return last.emplace(key, ""), true; });
    if (!ok) return ok;
  }
  for (const auto& one : undecided_->entries) last[one.key] = one.value;
  std::vector<store::control_entry> entries;
  for (auto& [key, value] : last) entries.push_back({key, std::move(value)});
  auto ok = outcome_of(copy_.drain(entries));
  if (ok) undecided_.reset();
  return ok;
}

}  // namespace annals::net
