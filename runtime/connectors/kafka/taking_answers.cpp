// What becomes of a message that was taken.
#include "connectors/closed_for_good.hpp"
#include "connectors/kafka/taking.hpp"

#include <annals/detail/tables.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>

namespace annals::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_send_pause{50};
constexpr milliseconds longest_send_pause{5'000};
constexpr std::size_t some_lanes = 1'024;
constexpr std::size_t ready_max = 512;  // commands that come to the node at the same time are committed together
constexpr milliseconds ready_for_max{2};

milliseconds pause_after(std::uint32_t attempts) {
  return std::min(first_send_pause * (1 << std::min<std::uint32_t>(attempts, 7)), longest_send_pause);
}

void add_trace(order& to, const message& of) {
  if (!to.with.trace.empty()) return;
  if (const auto trace = of.header("traceparent")) to.with.trace = *trace;
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

result<std::optional<order>> taking::mapped(const message& from) const {
  try {
    return with_.map(from);
  } catch (...) {
    return error{errc::invalid_command, "the message could not be mapped", detail::current_exception_text()};
  }
}

result<std::unique_ptr<order>> taking::order_of(const entry& one) {
  const auto& from = one.what.view(seen_);
  auto made = mapped(from);
  if (!made) return std::move(made).error();
  if (!*made) return std::unique_ptr<order>{};
  add_trace(**made, from);
  return std::make_unique<order>(std::move(**made));
}

void taking::begin(std::uint64_t number, entry& one) {
  auto as = order_of(one);
  if (!as) return refuse(number, one, std::move(as).error());
  if (!*as) {
    count(&intake_status::passed_over);
    one.of->second.answered(one.offset);
    return drop(number, one);
  }
  one.in = &lane_of((*as)->stream);
  if (one.in->first == 0) {
    *one.in = {number, number};
    ++busy_lanes_;
    return make_ready(number, std::move(*as));
  }
  one.as = std::move(*as);
  entries_.find(std::exchange(one.in->last, number))->next = number;
}

taking::lane& taking::lane_of(const std::string& stream) {
  const auto idle_max = with_.in_flight_max + some_lanes;
  if (lanes_.size() > busy_lanes_ + idle_max) std::erase_if(lanes_, [](const auto& one) { return one.second.first == 0; });
  return lanes_[stream];
}

void taking::make_ready(std::uint64_t number, std::unique_ptr<order> as) {
  const auto now = steady::now();
  if (ready_.empty()) ready_since_ = now;
  ready_.emplace_back(number, std::move(as));
  if (!is_dropping_ && (ready_.size() >= ready_max || now - ready_since_ >= ready_for_max)) send_ready();
}

void taking::send_ready() {
  for (const auto& [number, as] : ready_)
    if (auto* const found = entries_.find(number)) send(number, *found, *as);
  ready_.clear();
}

void taking::go_on(std::uint64_t number, entry& one) {
  if (one.refusal) return put_aside(number, one);
  if (one.as) return make_ready(number, std::move(one.as));
  auto as = order_of(one);
  if (!as) return refuse(number, one, std::move(as).error());
  if (*as) return make_ready(number, std::move(*as));
  count(&intake_status::passed_over);
  settle(number, one);
}

void taking::send(std::uint64_t number, entry& one, order& as, std::string_view also_in_id) {
  auto& with = as.with;
  with.id = id_of(one);
  if (with.causation.empty()) with.causation = with.id;
  with.id += also_in_id;
  with.since = one.since;
  const std::lock_guard lock{sending_};
  if (!may_send_) return;
  auto& reply = answers_->expect(number, ++one.attempts);
  one.is_sent = true;
  try {
    auto answer = as.send(*to_, std::move(with));
    one.since = answer.since();
    answer.then([to = &reply](const result<receipt>& what) {
      if (!what) to->why = std::make_unique<error>(what.error());
      to->put();
    });
  } catch (...) {  // what the host's command does when it is encoded
    reply.why = std::make_unique<error>(errc::invalid_command, "the command could not be sent", detail::current_exception_text());
    reply.put();
  }
}

void taking::serve() {
  dead_letters_.poll();
  answers_->take(answered_);
  for (auto* const one : answered_) {
    serve(*one, std::move(one->why));
    answers_->release(*one);
  }
  answered_.clear();
  while (!pauses_.empty() && pauses_.begin()->first <= steady::now()) {
    const auto number = pauses_.begin()->second;
    pauses_.erase(pauses_.begin());
    if (auto* const found = entries_.find(number)) go_on(number, *found);
  }
}

void taking::serve(const inbox::reply& answer, std::unique_ptr<error> why) {
  auto* const found = entries_.find(answer.entry);
  if (found == nullptr || found->attempts != answer.attempt) return;  // of a partition that another member has now
  auto& one = *found;
  one.is_sent = false;
  if (!why) {
    count(one.refusal ? &intake_status::refused : &intake_status::accepted);
    return settle(answer.entry, one);
  }
  if (why->code == errc::closed && is_over_there()) return end(std::move(*why));
  if (!is_for_good(why->code)) return again(answer.entry, one, std::move(*why));
  if (!one.refusal) return refuse(answer.entry, one, std::move(*why));
  failed(error{why->code, "a refused message could not be parked", id_of(one) + ": " + why->message()});
  count(&intake_status::lost);
  settle(answer.entry, one);
}

bool taking::is_over_there() {
  const std::lock_guard lock{sending_};
  return !may_send_ || connectors::is_closed_for_good(*to_);
}

void taking::refuse(std::uint64_t number, entry& one, error why) {
  one.refusal = std::make_unique<error>(std::move(why));
  one.since.reset();
  put_aside(number, one);
}

void taking::put_aside(std::uint64_t number, entry& one) {
  if (!with_.dead_letter_topic.empty()) {
    ++one.attempts;
    keep_from(one);
    auto put = dead_letters_.put(one.what.view(seen_), *one.refusal, number);
    if (!put) return again(number, one, std::move(put).error());
    one.is_sent = true;
    return;
  }
  std::optional<order> as;
  try {
    const auto& from = one.what.view(seen_);
    as = with_.park(from, *one.refusal);
    if (as) add_trace(*as, from);
  } catch (...) {
    failed(error{errc::invalid_command, "park threw", id_of(one) + ": " + detail::current_exception_text()});
    count(&intake_status::lost);
    return settle(number, one);
  }
  if (as) return send(number, one, *as, "/parked");
  count(&intake_status::refused);
  settle(number, one);
}

void taking::keep_from(entry& one) {
  for (auto* waiting = &one; waiting != nullptr; waiting = entries_.find(waiting->next)) waiting->what.own();
}

void taking::again(std::uint64_t number, entry& one, error why) {
  failed(why);
  count(&intake_status::sent_again);
  keep_from(one);
  pauses_.emplace(steady::now() + pause_after(one.attempts), number);
}

/// The message is answered; the next one of its stream may go.
void taking::settle(std::uint64_t number, entry& one) {
  one.of->second.answered(one.offset);
  if (has_warned_ && pauses_.empty()) {
    const std::lock_guard lock{mutex_};
    if (status_.is_running) status_.last_error.reset(), has_warned_ = false;
  }
  drop(number, one);
}

void taking::drop(std::uint64_t number, entry& one) {
  const auto next = one.next;
  auto* const in = one.in;
  one = entry{};  // what it holds ends now
  entries_.remove(number);
  if (in == nullptr) return;
  auto& ends = *in;
  if (ends.first != number) {  // its partition is given back
    auto before = ends.first;
    while (entries_.find(before)->next != number) before = entries_.find(before)->next;
    entries_.find(before)->next = next;
    if (next == 0) ends.last = before;
    return;
  }
  ends.first = next;
  if (next != 0) return go_on(next, *entries_.find(next));
  ends.last = 0;
  --busy_lanes_;
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
