#include "store/look/open_work.hpp"

#include "store/derived/open_inputs.hpp"
#include "store/log/owner_names.hpp"
#include "store/log/skip_table.hpp"
#include "store/read/scan.hpp"

#include <annals/codec.hpp>
#include <annals/detail/events.hpp>

#include <algorithm>
#include <optional>

namespace annals::store {

using namespace annals::detail;

result<void> open_work::read_on(const looked_at& in, std::uint64_t records_max, position observed) {
  if (begun_ && at_ > in.log->readable()) *this = open_work{category_, observed_};  // another log than before
  if (!begun_)
    if (auto ok = begin(in); !ok) return ok;
  const auto owner = owner_name::of_process(category_);
  std::optional<error> wrong;
  auto ok = scan(*in.log, at_ + 1, [&](const record_view& record) {
    if (auto taken = follow(record); !taken) wrong = std::move(taken).error();
    if (!wrong) at_ = record.at;
    return !wrong && --records_max > 0;
  });
  if (wrong) return std::move(*wrong);
  if (!ok) return ok;
  const auto skipped = skipped_before(*in.log, owner.stored());
  if (!skipped) return skipped.error();
  for (const auto at : *skipped) close(at);  // the process manager does not wait for these any more
  for (auto one = waiting_.begin(); one != waiting_.end();) {
    auto& [name, work] = *one++;
    if (work.answered_at > observed) continue;
    work.answered_at = 0;
    forget_if_idle(std::string{name});
  }
  return {};
}

result<void> open_work::begin(const looked_at& in) {
  open_inputs open;
  const auto read = [&](const image& one) {
    auto found = decoded<open_inputs>(one.bytes);
    if (found) open = std::move(*found);
    return found.has_value();
  };
  const auto image = begin_with_image(in, owner_name::of_process(category_).stored(), open_inputs::shape, in.log->readable(), read);
  if (!image) return image.error();
  result<void> done;
  if (*image) {
    auto ok = in.log->read_at(open.own, [&](const record_view& record) {
      done = follow_own(record);
      return done.has_value();
    });
    if (!done || !ok) return done ? ok : done;
    at_ = (*image)->at;
  }
  done = count_instances(in);
  begun_ = done.has_value();
  return done;
}

/// Those in the stream index, and those after its mark up to where reading on begins; reading on counts the others.
result<void> open_work::count_instances(const looked_at& in) {
  constexpr int tries = 5;
  for (int left = in.derived ? tries : 0; left > 0; --left) {
    counted_to_ = in.derived->mark().at;
    instances_ = 0;
    auto ok = in.derived->streams(category_ + "-", {}, [&](std::string_view, version) { return ++instances_, true; });
    if (!ok) return ok;
    if (in.derived->mark().at == counted_to_) break;  // nothing was added meanwhile
  }
  if (counted_to_ >= at_) return {};
  return scan(*in.log, counted_to_ + 1, [&](const record_view& record) {
    if (record.at > at_) return false;
    counted_to_ = record.at;
    instances_ += record.version == 1 && record.category() == category_;
    return true;
  });
}

result<void> open_work::follow(const record_view& record) {
  if (!record.command_id.empty() && !by_id_.empty())
    if (const auto found = by_id_.find(record.command_id); found != by_id_.end()) {
      const auto at = found->second;
      const auto& input = inputs_.at(at);
      if (is_written_by(input.command, record)) {
        const auto instance = input.instance;
        if (std::find(observed_.begin(), observed_.end(), record.category()) != observed_.end())
          waiting_.find(instance)->second.answered_at = record.at;
        close(at);
      }
    }
  if (record.category() != category_) return {};
  if (record.version == 1 && record.at > counted_to_) ++instances_;
  if (const auto found = waiting_.find(record.stream); found != waiting_.end() && record.seen >= found->second.answered_at) {
    found->second.answered_at = 0;
    forget_if_idle(record.stream);
  }
  return follow_own(record);
}

result<void> open_work::follow_own(const record_view& record) {
  if (!is_the_runtimes(record)) return {};
  return read_event(process_records{}, record, [&]<class E>(E&& event) { note(record, std::forward<E>(event)); });
}

void open_work::note(const record_view& record, command_sent what) {
  open_input input{std::string{record.stream}, record.version, record.time, false, std::move(what)};
  input.id = id_of_command(record);
  by_id_.emplace(input.id, record.at);
  if (has_old_id(record)) {
    input.own_id = id_of_send(record.stream, record.version, record.checksum);
    by_id_.emplace(input.own_id, record.at);
  }
  waiting_[input.instance].commands.insert(record.at);
  inputs_.emplace(record.at, std::move(input));
}

void open_work::note(const record_view& record, const timer_set& what) {
  open_input input{std::string{record.stream}, record.version, record.time, true};
  input.timer = what.timer;
  input.due = what.due;
  waiting_[input.instance].timers.insert(record.at);
  inputs_.emplace(record.at, std::move(input));
}

void open_work::note(const record_view& record, const timers_cancelled& what) {
  const auto found = waiting_.find(record.stream);
  if (found == waiting_.end()) return;
  const auto timers = found->second.timers;
  for (const auto at : timers)
    if (inputs_.at(at).timer == what.timer) close(at);
}

position open_work::find(std::string_view instance, version of) const {
  const auto found = waiting_.find(instance);
  if (found == waiting_.end()) return 0;
  for (const auto* some : {&found->second.commands, &found->second.timers})
    for (const auto at : *some)
      if (inputs_.at(at).version == of) return at;
  return 0;
}

void open_work::close(position at) {
  const auto found = inputs_.find(at);
  if (found == inputs_.end()) return;
  const auto input = std::move(found->second);
  inputs_.erase(found);
  for (const auto* id : {&input.id, &input.own_id})
    if (const auto known = by_id_.find(*id); known != by_id_.end() && known->second == at) by_id_.erase(known);
  auto& work = waiting_.find(input.instance)->second;
  (input.is_timer ? work.timers : work.commands).erase(at);
  forget_if_idle(input.instance);
}

void open_work::forget_if_idle(std::string_view instance) {
  const auto found = waiting_.find(instance);
  if (found != waiting_.end() && found->second.commands.empty() && found->second.timers.empty() && found->second.answered_at == 0)
    waiting_.erase(found);
}

}  // namespace annals::store
