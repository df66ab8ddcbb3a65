#include "actors/projections/fold.hpp"

#include "actors/base/waiter.hpp"
#include "actors/dead_letters/errors.hpp"
#include "store/log/record_copy.hpp"
#include "store/read/stream_table.hpp"

namespace annals::actors {

std::optional<error> fold::park(model_state& of, parked_event one) {
  if (of.parked.full()) return too_many_parked(parked_events::max, one.at);
  if (effects_) effects_->postpone(one.at);
  of.parked.put(std::move(one));
  return std::nullopt;
}

/// The first parked event of the record's stream, if the rest of the stream waits for it; otherwise 0.
position fold::blocked_by_parked(const model_state& of, const record_view& record) const {
  if (of.parked.empty() || !is_by_stream()) return 0;
  const auto* first = of.parked.first_of(record.stream);
  return first ? first->at : 0;
}

void fold::fail(model_state& of, const record_view& record, const error& why, timestamp now, went& so_far) {
  ++so_far.failed;
  if (why.code != errc::projection_failed) return void(so_far.stopped = why);  // unknown type, newer schema, damaged: not the projection's fault
  const auto failed = attempts_.failed(record.at);
  if (failed.after.next == after_failure::step::try_again) return void(so_far.pause = failed.after.pause);
  if (failed.after.next == after_failure::step::stop) return void(so_far.stopped = why);
  so_far.stopped = park(of, {record.at, std::string{record.stream}, why.detail, failed.count, now});
  if (so_far.stopped) return;
  of.at = record.at;
  ++so_far.parked;
}

bool fold::is_due(const model_state& of, const record_view& record) const {
  return effects_ && effects_->is_due(record.at) && of.model->has_effect(record);
}

/// Runs the host's code without the lock: the effect may read the model, and no reader waits for the effect.
result<void> fold::run_effect(model_state& of, const record_view& record) {
  struct opened {
    follower_cell* cell;
    explicit opened(follower_cell* of) : cell(of) {
      if (!cell) return;
      cell->publish();
      cell->mutex.unlock();
    }
    ~opened() {
      if (cell) cell->mutex.lock();
    }
  } const meanwhile{opened_};
  const detail::no_waiting marked;
  return of.model->effect(record);
}

result<bool> fold::apply(model_state& of, const record_view& record) {
  if (is_due(of, record))
    if (auto ok = run_effect(of, record); !ok) return std::move(ok).error();
  if (effects_) effects_->executed(record.at);
  return of.model->apply(record);
}

result<bool> fold::apply_traced(model_state& of, const record_view& record) {
  if (!tracing_ || !record.trace.sampled || record.at <= traced_after_) return apply(of, record);
  auto span = tracing_->follow(record.trace, record.time, span_kind::consumer, "apply", table_->name, record.stream);
  auto applied = apply(of, record);
  if (!applied || *applied) tracing_->close(span, {applied ? ending::accepted : ending::failed, record.version, record.at});
  return applied;
}

fold::went fold::step(model_state& of, std::size_t records_max, timestamp now) {
  store::read_limits limits;
  limits.records_max = records_max;
  went so_far;
  const auto put_aside = [&](parked_event one) {
    const auto at = one.at;
    so_far.stopped = park(of, std::move(one));
    if (so_far.stopped) return;
    of.at = at;
    ++so_far.parked;
  };
  std::optional<store::record_copy> due;
  const auto visit = [&](const record_view& record) {
    if ((parts_ > 1 && store::hash_of_stream(record.stream) % parts_ != part_) || (!skipped_.empty() && skipped_.contains(record.at))) {
      of.at = record.at;
      ++so_far.passed;
    } else if (!aside_.empty() && aside_.contains(record.at))
      put_aside({record.at, std::string{record.stream}, why_aside_, 0, now});
    else if (const auto first = blocked_by_parked(of, record))
      put_aside({record.at, std::string{record.stream}, detail::waits_for(first), 0, now});
    else if (!due && is_due(of, record))
      due = store::copy_of(record);  // an effect may take long: it runs outside of the read transaction
    else if (auto ok = apply_traced(of, record); !ok)
      fail(of, record, ok.error(), now, so_far);
    else {
      ++(*ok ? so_far.applied : so_far.passed);
      if (!attempts_.empty()) attempts_.forget(record.at);
      of.at = record.at;
    }
    if (of.at == record.at) so_far.time = record.time;
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
  const position one[] = {at};
  std::optional<store::record_copy> again;
  auto read = log_->read_at(one, [&](const record_view& record) {
    again = store::copy_of(record);
    return true;
  });
  if (!read) return read;
  if (auto done = apply(of, again->record); !done) {
    of.parked.count_attempt(at, done.error().detail, now);
    return std::move(done).error();
  }
  ++resolved_.retried;
  of.parked.remove(at);
  if (table_->has_images()) of.late.push_back({at, of.at});
  return {};
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
  if (const auto first = of.parked.first_of(stream)->at; first != at) return blocked_by(first);
  return retry_stream(of, stream, now);
}

result<void> fold::skip(model_state& of, position at, timestamp now) {
  skipped_.insert(at);
  if (effects_) effects_->pending.erase(at);
  const auto* found = of.parked.find(at);
  if (!found) return nothing_parked(at);
  const auto stream = found->stream;
  const bool is_first = of.parked.first_of(stream)->at == at;
  ++resolved_.skipped;
  of.parked.remove(at);
  if (is_by_stream() && is_first) (void)retry_stream(of, stream, now);  // an event that fails stays parked
  return {};
}

}  // namespace annals::actors
