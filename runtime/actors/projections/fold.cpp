#include "actors/projections/fold.hpp"

#include "actors/base/waiter.hpp"
#include "actors/follow/failure.hpp"
#include "store/log/record_copy.hpp"
#include "store/read/stream_table.hpp"

#include <algorithm>

namespace annals::actors {
std::optional<error> fold::park(model_state& of, parked_event one) {
  if (of.parked.full()) return too_many_parked(one.at);
  if (effects_) effects_->put_off(one.at);
  of.parked.put(std::move(one));
  return std::nullopt;
}

/// The first parked event of the record's stream, if the rest of the stream waits for it; otherwise null.
const parked_event* fold::held_back_by(const model_state& of, const record_view& record) const {
  return of.parked.empty() || !is_by_stream() ? nullptr : of.parked.first_of(record.stream);
}

fold::went fold::fail(model_state& of, const record_view& record, const error& why, timestamp now) {
  if (why.code != errc::projection_failed) return {why, {}};  // unknown type, newer schema, damaged: not the projection's fault
  if (failing_ != record.at) attempts_ = 0;
  failing_ = record.at;
  ++attempts_;
  const auto& policy = table_->on_failure;
  if (failed_before_.erase(record.at) > 0) attempts_ = std::max(attempts_, policy.attempts);
  if (attempts_ < policy.attempts) return {{}, pause_behind(policy, attempts_)};
  if (policy.then == on_failure::stop) return {why, {}};
  if (auto full = park(of, {record.at, std::string{record.stream}, why.detail, attempts_, now})) return {std::move(full), {}};
  of.at = record.at;
  return {};
}

bool fold::is_due(const model_state& of, const record_view& record) const {
  return effects_ && effects_->is_due(record.at) && of.model->has_effect(record);
}

/// Runs the host's code without the lock: the effect may read the model, and no reader waits for the effect.
result<void> fold::bring_about(model_state& of, const record_view& record) {
  struct opened {
    model_lock* lock;
    explicit opened(model_lock* held) : lock(held) {
      if (lock) lock->unlock();
    }
    ~opened() {
      if (lock) lock->lock();
    }
  } const meanwhile{held_};
  const detail::no_waiting marked;
  return of.model->effect(record);
}

result<void> fold::take(model_state& of, const record_view& record) {
  if (is_due(of, record))
    if (auto ok = bring_about(of, record); !ok) return ok;
  if (effects_) effects_->took_place(record.at);
  return of.model->apply(record);
}

fold::went fold::step(model_state& of, std::size_t records_max, timestamp now) {
  store::read_limits limits;
  limits.records_max = records_max;
  went so_far;
  const auto put_aside = [&](parked_event one) {
    const auto at = one.at;
    so_far.stopped = park(of, std::move(one));
    if (!so_far.stopped) of.at = at;
  };
  std::optional<store::record_copy> due;
  const auto visit = [&](const record_view& record) {
    if ((parts_ > 1 && store::hash_of_stream(record.stream) % parts_ != part_) ||
        (!skipped_.empty() && skipped_.contains(record.at)))
      of.at = record.at;
    else if (!aside_.empty() && aside_.contains(record.at))
      put_aside({record.at, std::string{record.stream}, why_aside_, 0, now});
    else if (const auto* before = held_back_by(of, record))
      put_aside({record.at, std::string{record.stream}, "behind position " + std::to_string(before->at), 0, now});
    else if (!due && is_due(of, record))
      due = store::copy_of(record);  // an effect may take long: it runs outside of the read transaction
    else if (auto ok = take(of, record); !ok)
      so_far = fail(of, record, ok.error(), now);
    else
      of.at = record.at;
    return !due && !so_far.stopped && !so_far.pause;
  };
  for (const auto end = of.at + records_max; of.at < end && !so_far.stopped && !so_far.pause;) {
    limits.records_max = end - of.at;
    const auto before = of.at;
    auto read = log_->read(before + 1, limits, visit);
    if (due) {
      (void)visit(due->record);
      due.reset();
    } else if (!read && !so_far.stopped)
      so_far.stopped = read.error();
    else
      break;
  }
  return so_far;
}

result<void> fold::retry_one(model_state& of, position at, timestamp now) {
  result<void> done;
  const position one[] = {at};
  std::optional<store::record_copy> again;
  auto read = log_->read_at(one, [&](const record_view& record) {
    again = store::copy_of(record);
    return true;
  });
  if (!read) return read;
  done = take(of, again->record);
  if (done) {
    of.parked.remove(at);
    if (table_->has_images()) of.late.push_back({at, of.at});
    return done;
  }
  auto& entry = *of.parked.find(at);
  ++entry.attempts;
  entry.error = done.error().detail;
  entry.time = now;
  return done;
}

result<void> fold::retry_stream(model_state& of, const std::string& stream, timestamp now) {
  while (const auto* next = of.parked.first_of(stream)) {
    const auto at = next->at;
    if (skipped_.contains(at))
      of.parked.remove(at);  // parked when the image was made, skipped since then
    else if (auto ok = retry_one(of, at, now); !ok)
      return ok;
  }
  return {};
}

result<void> fold::retry(model_state& of, position at, timestamp now) {
  const auto* found = of.parked.find(at);
  if (!found) return nothing_parked(at);
  if (!is_by_stream()) return retry_one(of, at, now);
  const auto stream = found->stream;
  if (const auto first = of.parked.first_of(stream)->at; first != at)
    return error{errc::misuse, "another event of its stream has to come first", "position " + std::to_string(first), 0, first};
  return retry_stream(of, stream, now);
}

result<void> fold::skip(model_state& of, position at, timestamp now) {
  skipped_.insert(at);
  if (effects_) effects_->owed.erase(at);
  const auto* found = of.parked.find(at);
  if (!found) return nothing_parked(at);
  const auto stream = found->stream;
  const bool is_first = of.parked.first_of(stream)->at == at;
  of.parked.remove(at);
  if (is_by_stream() && is_first) (void)retry_stream(of, stream, now);  // an event that fails stays parked
  return {};
}

}  // namespace annals::actors
