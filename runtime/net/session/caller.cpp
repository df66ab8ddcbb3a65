#include "net/session/caller.hpp"

#include "net/wire/bytes.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace annals::net {
namespace {

constexpr std::size_t frame_head_bytes = 4;  // its length

error no_answer(bool is_command) {
  if (is_command) return {errc::unknown, "no answer in time", "sending again with the same id is safe"};
  return {errc::timed_out, "no answer in time"};
}
error never_sent(bool is_command, const std::string& why) {
  return {is_command ? errc::not_written : errc::unreachable, "no connection to the other node in time", why};
}

}  // namespace

caller::caller(session_id id, std::function<steady::time_point()> now, std::function<void()> wake)
    : id_(id), hex_(to_hex(id)), now_(std::move(now)), wake_(std::move(wake)) {}

std::uint32_t caller::most(kind what) const {
  return what == kind::command ? limits_.commands : what == kind::question ? limits_.questions : limits_.deliveries;
}

std::optional<error> caller::too_large(std::size_t bytes) const {
  if (bytes <= frame_head_bytes || bytes - frame_head_bytes <= frame_bytes_max_) return std::nullopt;
  return error{errc::too_large, "the call is larger than the other node takes",
               std::to_string(bytes) + " bytes, at most " + std::to_string(frame_bytes_max_)};
}

std::optional<error> caller::refusal(kind what, std::size_t bytes) const {
  if (refusal_) return refusal_;
  if (auto no = too_large(bytes)) return no;
  const auto of = static_cast<std::size_t>(what);
  if (in_use_[of] >= most(what)) return error{errc::overloaded, "too much in flight to the other node", std::to_string(most(what)) + " at most"};
  // What is larger than the credit may go alone.
  if (in_use_[of] > 0 && bytes_[of] + bytes > limits_.bytes)
    return error{errc::overloaded, "too many bytes in flight to the other node", std::to_string(limits_.bytes) + " at most"};
  return std::nullopt;
}

caller::entry& caller::add(kind what, std::string frame, waiter_ptr answer, std::chrono::nanoseconds time_out) {
  auto& made = entries_.emplace_back();
  made.sequence = next_++;
  made.what = what;
  made.frame = std::move(frame);
  made.answer = std::move(answer);
  made.until = now_() + std::chrono::duration_cast<steady::duration>(time_out);
  return made;
}

caller::waiter_ptr caller::queue(std::unique_lock<std::mutex>& lock, entry& made) {
  const auto of = static_cast<std::size_t>(made.what);
  ++in_use_[of];
  bytes_[of] += made.frame.size();
  const auto answer = made.answer;
  send_more();
  const bool wakes = channel_ && !out_.empty() && !std::exchange(is_woken_, true);
  lock.unlock();
  if (wakes) wake_();
  return answer;
}

caller::waiter_ptr caller::send(command_frame what, std::chrono::nanoseconds time_out) {
  for (const auto text : {what.category, what.key, what.name, what.id, what.correlation, what.causation, what.principal})
    if (text.size() > text_bytes_max)
      return detail::answered_with(error{errc::invalid_command, "a text of the command is too long", std::to_string(text.size()) + " bytes"});
  std::unique_lock lock{mutex_};
  const auto since = what.since.value_or(head_);
  what.sequence = next_;
  what.has_made_id = what.id.empty();
  if (what.has_made_id) what.since = since;  // for a server that has started again
  std::string frame;
  put(frame, what);
  if (auto no = refusal(kind::command, frame.size())) return detail::answered_with(std::move(*no), since);
  return queue(lock, add(kind::command, std::move(frame), detail::make_waiter(since), time_out));
}

caller::waiter_ptr caller::ask(kind what, std::uint8_t call, std::string_view body, std::chrono::nanoseconds time_out, bool waits_for_next_life) {
  std::unique_lock lock{mutex_};
  std::string frame;
  put(frame, request_frame{next_, call, body});
  if (auto no = refusal(what, frame.size())) return detail::answered_with(std::move(*no));
  auto& made = add(what, std::move(frame), detail::make_waiter(), time_out);
  made.waits_for_next_life = waits_for_next_life;
  return queue(lock, made);
}

std::deque<caller::entry>::iterator caller::entry_from(std::uint64_t sequence) {
  if (entries_.empty() || sequence <= entries_.front().sequence) return entries_.begin();
  // Without gaps it stands there; with gaps it stands before.
  const auto distance = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(sequence - entries_.front().sequence, entries_.size()));
  const auto guess = entries_.begin() + distance;
  if (guess != entries_.end() && guess->sequence == sequence) return guess;
  return std::lower_bound(entries_.begin(), guess, sequence, [](const entry& e, std::uint64_t n) { return e.sequence < n; });
}

void caller::done(entry& e) {
  if (std::exchange(e.is_done, true)) return;
  ++done_;
  const auto of = static_cast<std::size_t>(e.what);
  --in_use_[of];
  bytes_[of] -= e.frame.size();
  if (e.is_on_link) {
    --on_link_[of];
    bytes_on_link_[of] -= e.frame.size();
  }
  std::string{}.swap(e.frame);  // an assignment would keep its memory, as long as an earlier call is outstanding
  e.answer = nullptr;
}

/// A call may wait for long while millions behind it are answered, so those between are dropped too, as soon as they are the majority.
void caller::drop_done() {
  constexpr std::size_t few = 1'024;
  while (!entries_.empty() && entries_.front().is_done) {
    entries_.pop_front();
    --done_;
  }
  if (done_ <= few || done_ <= entries_.size() / 2) return;
  std::erase_if(entries_, [](const entry& e) { return e.is_done; });
  done_ = 0;
}

/// Callbacks of hosts run here, without the lock: they may send.
void caller::give(answers_to& all) {
  for (auto& one : all) one.waiter->complete(std::move(one.given));
}

std::uint64_t caller::answers() const {
  const std::lock_guard lock{mutex_};
  return answers_;
}

result<void> caller::answered(std::string_view payload, answers_to& to) {
  auto frame = read_answer(payload);
  if (!frame) return std::move(frame).error();
  ++answers_;
  if (frame->given && frame->given->accepted.token.history == head_.history) head_.at = std::max(head_.at, frame->given->accepted.at);
  const auto e = entry_from(frame->sequence);
  if (e == entries_.end() || e->sequence != frame->sequence) return {};
  if (e->answer) to.push_back({std::move(e->answer), std::move(frame->given)});
  done(*e);
  send_more();
  drop_done();
  return {};
}

result<void> caller::received(const channel& on, frame_kind kind, std::string_view payload) {
  answers_to to;
  result<void> ok;
  bool wakes = false;
  {
    const std::lock_guard lock{mutex_};
    if (channel_.get() != &on) return {};  // of an older link
    if (kind == frame_kind::answer)
      ok = answered(payload, to);
    else if (kind == frame_kind::goodbye)
      ok = said_goodbye(payload);
    else
      ok = error{errc::undecodable, "a frame that a server does not send", "kind " + std::to_string(static_cast<int>(kind))};
    wakes = (answers_ != confirmed_ || !out_.empty()) && !std::exchange(is_woken_, true);
  }
  give(to);
  if (wakes) wake_();
  return ok;
}

void caller::note_failure(const error& why) {
  const std::lock_guard lock{mutex_};
  last_failure_ = why.message();
}

std::size_t caller::flush() {
  const std::lock_guard one_at_a_time{flushing_};
  std::string frames;
  std::shared_ptr<channel> over;
  {
    const std::lock_guard lock{mutex_};
    is_woken_ = false;
    if (!channel_) return 0;
    if (answers_ != confirmed_) put_confirm(frames, confirmed_ = answers_);  // first: it makes room for what follows
    if (frames.empty())
      frames.swap(out_);
    else
      frames.append(out_);
    out_.clear();
    over = channel_;
  }
  if (!frames.empty()) over->send(frames);
  return frames.size();
}

std::optional<caller::steady::time_point> caller::tick() {
  answers_to to;
  std::optional<steady::time_point> next;
  {
    const std::lock_guard lock{mutex_};
    const auto now = now_();
    for (auto& e : entries_) {
      if (!e.answer) continue;
      if (e.until > now) {
        next = next ? std::min(*next, e.until) : e.until;
        continue;
      }
      const bool is_command = e.what == kind::command;
      to.push_back({std::move(e.answer), e.is_sent ? no_answer(is_command) : never_sent(is_command, last_failure_)});
      if (!e.is_sent) done(e);
    }
    drop_done();
  }
  give(to);
  return next;
}

void caller::refuse(const error& why) {
  const std::lock_guard lock{mutex_};
  if (!refusal_) refusal_ = why;
}

void caller::say_goodbye() {
  const std::lock_guard lock{mutex_};
  if (channel_) put_goodbye(out_, 0);
}

void caller::close(const error& why) {
  answers_to to;
  {
    const std::lock_guard lock{mutex_};
    if (!refusal_) refusal_ = why;
    is_over_ = true;
    channel_ = nullptr;
    out_.clear();
    for (auto& e : entries_) {
      if (e.answer && e.what == kind::command)
        to.push_back({e.answer, e.is_sent ? error{errc::unknown, "the answer is lost", why.message()}
                                          : error{errc::not_written, "the command was never sent", why.message()}});
      else if (e.answer)
        to.push_back({e.answer, why});
      done(e);
    }
    drop_done();
  }
  give(to);
}

std::size_t caller::outstanding() const {
  const std::lock_guard lock{mutex_};
  std::size_t all = 0;
  for (const auto n : in_use_) all += n;
  return all;
}

std::size_t caller::kept() const {
  const std::lock_guard lock{mutex_};
  return entries_.size();
}

bool caller::is_linked() const {
  const std::lock_guard lock{mutex_};
  return channel_ != nullptr;
}

}  // namespace annals::net
