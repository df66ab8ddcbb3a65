// What becomes of a message that was taken.
#include "connectors/closed_for_good.hpp"
#include "connectors/kafka/taking.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>

namespace annals::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_send_pause{50};
constexpr milliseconds longest_send_pause{5'000};

milliseconds pause_after(std::uint32_t attempts) {
  return std::min(first_send_pause * (1 << std::min<std::uint32_t>(attempts, 7)), longest_send_pause);
}

/// Whether the node will never take this command, however often it is sent.
bool is_for_good(errc code) {
  switch (code) {
    case errc::rejected:
    case errc::conflict:
    case errc::id_reused:
    case errc::invalid_command:
    case errc::invalid_stream:
    case errc::too_large:
    case errc::decide_failed:
    case errc::evolve_failed: return true;
    default: return false;
  }
}

}  // namespace

void inbox::put(answer one) {
  const std::lock_guard lock{mutex_};
  all_.push_back(std::move(one));
  if (all_.size() == wanted_) changed_.notify_one();
}

void inbox::put_messages() {
  const std::lock_guard lock{mutex_};
  has_messages_ = true;
  if (wanted_ != nobody_waits) changed_.notify_one();
}

void inbox::take(std::vector<answer>& into) {
  const std::lock_guard lock{mutex_};
  std::swap(all_, into);
}

void inbox::wait(milliseconds at_most, std::size_t enough, bool for_messages) {
  std::unique_lock lock{mutex_};
  wanted_ = enough;
  changed_.wait_for(lock, at_most, [&] { return all_.size() >= enough || (for_messages && has_messages_); });
  wanted_ = nobody_waits;
  has_messages_ = has_messages_ && !for_messages;
}

void taking::begin(std::uint64_t number, entry& one) {
  if (one.refusal) return put_aside(number, one);
  const auto [found, is_first] = lanes_.try_emplace(one.as->stream, lane{number, number});
  if (is_first) return go_on(number, one);
  entries_.find(found->second.last)->next = number;
  found->second.last = number;
}

void taking::go_on(std::uint64_t number, entry& one) {
  if (one.refusal)
    put_aside(number, one);
  else
    send(number, one, *one.as);
}

void taking::send(std::uint64_t number, entry& one, const order& as, std::string_view also_in_id) {
  auto with = as.with;
  with.id = id_of(one);
  if (with.causation.empty()) with.causation = with.id;
  if (with.trace.empty())
    if (const auto trace = one.what.header("traceparent")) with.trace = *trace;
  with.id += also_in_id;
  with.since = one.since;
  const std::lock_guard lock{sending_};
  if (!may_send_) return;
  const auto attempt = ++one.attempts;
  try {
    auto answer = as.send(*to_, std::move(with));
    one.since = answer.since();
    one.is_sent = true;
    answer.then([to = answers_, number, attempt](result<receipt> what) { to->put({number, attempt, std::move(what)}); });
  } catch (const std::exception& why) {  // what the host's command does when it is encoded
    answers_->put({number, attempt, error{errc::invalid_command, "the command could not be sent", why.what()}});
  }
}

void taking::serve() {
  dead_letters_.poll();
  answers_->take(answered_);
  for (auto& one : answered_) serve(std::move(one));
  answered_.clear();
  while (!pauses_.empty() && pauses_.begin()->first <= steady::now()) {
    const auto number = pauses_.begin()->second;
    pauses_.erase(pauses_.begin());
    if (auto* const found = entries_.find(number)) go_on(number, *found);
  }
}

void taking::serve(inbox::answer answer) {
  auto* const found = entries_.find(answer.entry);
  if (found == nullptr || found->attempts != answer.attempt) return;  // of a partition that another member has now
  auto& one = *found;
  one.is_sent = false;
  if (answer.what) {
    count(one.refusal ? &intake_status::refused : &intake_status::accepted);
    return settle(answer.entry, one);
  }
  auto why = std::move(answer.what).error();
  if (why.code == errc::closed && is_over_there()) return end(std::move(why));
  if (!is_for_good(why.code)) return again(answer.entry, one, std::move(why));
  if (!one.refusal) return refuse(answer.entry, one, std::move(why));
  failed(error{why.code, "a refused message could not be parked", id_of(one) + ": " + why.message()});
  count(&intake_status::lost);
  settle(answer.entry, one);
}

bool taking::is_over_there() {
  const std::lock_guard lock{sending_};
  return !may_send_ || connectors::is_closed_for_good(*to_);
}

void taking::refuse(std::uint64_t number, entry& one, error why) {
  one.refusal = std::move(why);
  one.since.reset();
  put_aside(number, one);
}

void taking::put_aside(std::uint64_t number, entry& one) {
  if (!with_.dead_letter_topic.empty()) {
    ++one.attempts;
    auto put = dead_letters_.put(one.what, *one.refusal, number);
    if (!put) return again(number, one, std::move(put).error());
    one.is_sent = true;
    return;
  }
  std::optional<order> as;
  try {
    as = with_.park(one.what.view(), *one.refusal);
  } catch (const std::exception& why) {
    failed(error{errc::invalid_command, "park threw", id_of(one) + ": " + why.what()});
    count(&intake_status::lost);
    return settle(number, one);
  }
  if (as) return send(number, one, *as, "/parked");
  count(&intake_status::refused);
  settle(number, one);
}

void taking::again(std::uint64_t number, entry& one, error why) {
  failed(why);
  count(&intake_status::sent_again);
  pauses_.emplace(steady::now() + pause_after(one.attempts), number);
}

/// The message is answered; the next one of its stream may go.
void taking::settle(std::uint64_t number, entry& one) {
  one.of->answered(one.what.offset);
  if (has_warned_ && pauses_.empty()) {
    const std::lock_guard lock{mutex_};
    if (status_.is_running) status_.last_error.reset(), has_warned_ = false;
  }
  drop(number, one);
}

void taking::drop(std::uint64_t number, entry& one) {
  const auto next = one.next;
  const auto lane = one.as ? lanes_.find(one.as->stream) : lanes_.end();
  end_entry(number, one);
  if (lane == lanes_.end()) return;
  auto& ends = lane->second;
  if (ends.first != number) {  // its partition is given back
    auto before = ends.first;
    while (entries_.find(before)->next != number) before = entries_.find(before)->next;
    entries_.find(before)->next = next;
    if (next == 0) ends.last = before;
    return;
  }
  ends.first = next;
  if (next == 0) return void(lanes_.erase(lane));
  go_on(next, *entries_.find(next));
}

void taking::count(std::uint64_t intake_status::* what) { ++(counted_.*what); }

void taking::failed(const error& why) {
  {
    const std::lock_guard lock{mutex_};
    status_.last_error = why;
    if (std::exchange(has_warned_, true)) return;
  }
  const auto line = "intake " + with_.group + ": " + why.message();
  try {
    if (with_.warn)
      with_.warn(line);
    else
      std::fprintf(stderr, "annals: %s\n", line.c_str());
  } catch (...) {  // the host's
  }
}

void taking::end(error why) {
  failed(why);
  const std::lock_guard lock{mutex_};
  status_.last_error = std::move(why);
  is_stopping_ = true;
}

bool taking::is_stopping() const {
  const std::lock_guard lock{mutex_};
  return is_stopping_;
}

}  // namespace annals::kafka
