#include "net/session/caller.hpp"

#include "net/wire/bytes.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace annals::net {
namespace {

error no_answer(bool is_command) {
  if (is_command) return {errc::unknown, "no answer in time", "sending again with the same id is safe"};
  return {errc::timed_out, "no answer in time"};
}
error never_sent(bool is_command, const std::string& why) {
  return {is_command ? errc::not_written : errc::unreachable, "no connection to the other node in time", why};
}
error lost_with_the_server() { return {errc::unknown, "the other node was restarted before it answered", "whether it had an effect is not known"}; }

}  // namespace

caller::caller(session_id id, std::function<steady::time_point()> now, std::function<void()> wake)
    : id_(id), hex_(to_hex(id)), now_(std::move(now)), wake_(std::move(wake)) {}

std::optional<error> caller::refusal(kind what, std::size_t bytes) const {
  if (closed_) return closed_;
  const auto of = static_cast<std::size_t>(what);
  const std::uint32_t most[kinds]{limits_.commands, limits_.questions, limits_.deliveries};
  if (in_use_[of] >= most[of]) return error{errc::overloaded, "too much in flight to the other node", std::to_string(most[of]) + " at most"};
  // What is larger than the credit may go alone.
  if (in_use_[of] > 0 && bytes_[of] + bytes > limits_.bytes)
    return error{errc::overloaded, "too many bytes in flight to the other node", std::to_string(limits_.bytes) + " at most"};
  return std::nullopt;
}

caller::entry& caller::add(kind what, std::chrono::nanoseconds time_out) {
  auto& made = entries_.emplace_back();
  made.what = what;
  made.until = now_() + std::chrono::duration_cast<steady::duration>(time_out);
  return made;
}

caller::waiter_ptr caller::queue(std::unique_lock<std::mutex>& lock, entry& made) {
  const auto of = static_cast<std::size_t>(made.what);
  ++in_use_[of];
  bytes_[of] += made.frame.size();
  const auto answer = made.answer;
  bool wakes = false;
  if (channel_) {
    out_.append(made.frame);
    made.is_sent = true;
    wakes = !std::exchange(is_woken_, true);
  }
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
  if (auto no = refusal(kind::command, what.body.size())) return detail::answered_with(std::move(*no), since);
  auto& made = add(kind::command, time_out);
  what.sequence = first_ + entries_.size() - 1;
  what.has_made_id = what.id.empty();
  if (what.has_made_id) what.since = since;  // for a server that has started again
  put(made.frame, what);
  made.answer = detail::make_waiter(since);
  return queue(lock, made);
}

caller::waiter_ptr caller::ask(kind what, std::uint8_t call, std::string_view body, std::chrono::nanoseconds time_out) {
  std::unique_lock lock{mutex_};
  if (auto no = refusal(what, body.size())) return detail::answered_with(std::move(*no));
  auto& made = add(what, time_out);
  put(made.frame, request_frame{first_ + entries_.size() - 1, call, body});
  made.answer = detail::make_waiter();
  return queue(lock, made);
}

void caller::done(entry& e) {
  if (std::exchange(e.is_done, true)) return;
  const auto of = static_cast<std::size_t>(e.what);
  --in_use_[of];
  bytes_[of] -= e.frame.size();
  e.frame = {};
  e.answer = nullptr;
}

void caller::drop_done() {
  while (!entries_.empty() && entries_.front().is_done) {
    entries_.pop_front();
    ++first_;
  }
}

/// Callbacks of hosts run here, without the lock: they may send.
void caller::give(answers_to& all) {
  for (auto& one : all) one.waiter->complete(std::move(one.given));
}

std::uint64_t caller::answers() const {
  const std::lock_guard lock{mutex_};
  return answers_;
}

void caller::opened(std::shared_ptr<channel> over, const session_state& server) {
  answers_to to;
  {
    const std::lock_guard lock{mutex_};
    if (closed_) return;
    channel_ = std::move(over);
    limits_ = server.limits;
    out_.clear();
    if (server.is_new) answers_ = 0;
    put_confirm(out_, confirmed_ = answers_);
    resend(server, to);
    history_ = server.head.history;
    head_ = server.head;
    last_failure_.clear();
    is_woken_ = !out_.empty();
  }
  give(to);
  wake_();
}

/// A command whose time is over is not sent again, so a server that has started again cannot know that it may have had its effect. What
/// was sent before it to the same stream must not be decided behind it.
void caller::give_up_before_abandoned(answers_to& to) {
  std::set<std::pair<std::string_view, std::string_view>> abandoned;  // streams
  for (auto e = entries_.rbegin(); e != entries_.rend(); ++e) {
    if (e->is_done || !e->is_sent || e->what != kind::command) continue;
    const auto frame = read_command(payload_of(e->frame));
    if (!e->answer) {
      abandoned.emplace(frame->category, frame->key);
    } else if (abandoned.contains({frame->category, frame->key})) {
      to.push_back({e->answer, lost_with_the_server()});
      e->answer = nullptr;  // done by resend()
    }
  }
}

/// A server that knows the session has taken everything up to `taken` and will answer it. One that does not may have taken anything that
/// was sent, in an earlier life: a command is sent again, since its id makes that safe; of other calls only questions are.
void caller::resend(const session_state& server, answers_to& to) {
  const bool is_other_history = history_ != 0 && server.head.history != history_;
  bool has_resent = false;
  if (server.is_new) give_up_before_abandoned(to);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    auto& e = entries_[i];
    if (e.is_done) continue;
    has_resent = has_resent || e.is_doubtful;  // what was taken on an earlier link may be held until the end is known
    if (!server.is_new && first_ + i <= server.taken) continue;
    if (!e.answer) {  // abandoned, and not taken, or by a server that is gone
      done(e);
      continue;
    }
    const bool is_doubtful = server.is_new && e.is_sent && e.what == kind::command;
    if (is_doubtful && is_other_history) {
      to.push_back({e.answer, error{errc::unknown, "the history has changed", "the other node's log is another one than when the command was sent"}});
      done(e);
      continue;
    }
    if (server.is_new && e.is_sent && e.what == kind::delivery) {
      to.push_back({e.answer, lost_with_the_server()});
      done(e);
      continue;
    }
    if (is_doubtful) {
      e.is_doubtful = true;
      mark_resent(e.frame);
    }
    has_resent = has_resent || is_doubtful;
    out_.append(e.frame);
    e.is_sent = true;
  }
  if (has_resent) put_resent_end(out_);
  drop_done();
}

result<void> caller::answered(std::string_view payload, answers_to& to) {
  auto frame = read_answer(payload);
  if (!frame) return std::move(frame).error();
  ++answers_;
  if (frame->sequence < first_ || frame->sequence >= first_ + entries_.size()) return {};
  if (frame->given && frame->given->accepted.token.history == head_.history) head_.at = std::max(head_.at, frame->given->accepted.at);
  auto& e = entries_[frame->sequence - first_];
  if (e.answer) to.push_back({std::move(e.answer), std::move(frame->given)});
  done(e);
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
    else if (kind != frame_kind::goodbye)
      ok = error{errc::undecodable, "a frame that a server does not send", "kind " + std::to_string(static_cast<int>(kind))};
    wakes = answers_ != confirmed_ && !std::exchange(is_woken_, true);
  }
  give(to);
  if (wakes) wake_();
  return ok;
}

void caller::note_failure(const error& why) {
  const std::lock_guard lock{mutex_};
  last_failure_ = why.message();
}

void caller::lost(const channel& on) {
  const std::lock_guard lock{mutex_};
  if (channel_.get() != &on) return;
  channel_ = nullptr;
  out_.clear();
}

void caller::flush() {
  const std::lock_guard one_at_a_time{flushing_};
  std::string frames;
  std::shared_ptr<channel> over;
  {
    const std::lock_guard lock{mutex_};
    is_woken_ = false;
    if (!channel_) return;
    if (answers_ != confirmed_) put_confirm(frames, confirmed_ = answers_);  // first: it makes room for what follows
    if (frames.empty())
      frames.swap(out_);
    else
      frames.append(out_);
    out_.clear();
    over = channel_;
  }
  if (!frames.empty()) over->send(frames);
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
  if (!closed_) closed_ = why;
}

void caller::say_goodbye() {
  const std::lock_guard lock{mutex_};
  if (channel_) put_goodbye(out_, 0);
}

void caller::close(const error& why) {
  answers_to to;
  {
    const std::lock_guard lock{mutex_};
    if (!closed_) closed_ = why;
    channel_ = nullptr;
    out_.clear();
    for (auto& e : entries_) {
      const bool may_have_effect = e.is_sent && e.what == kind::command;
      if (e.answer) to.push_back({e.answer, may_have_effect ? error{errc::unknown, "the answer is lost", why.message()} : why});
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

bool caller::is_linked() const {
  const std::lock_guard lock{mutex_};
  return channel_ != nullptr;
}

}  // namespace annals::net
