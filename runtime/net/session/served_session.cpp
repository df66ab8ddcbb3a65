#include "net/session/served_session.hpp"

#include <utility>

namespace annals::net {
namespace {

constexpr std::size_t small_answer = 1'024;

}  // namespace

error unread_answers(const std::string& peer) { return {errc::overloaded, "no room for more calls and unconfirmed answers of the peer", peer}; }

detail::outcome answer_to_command(bool is_resent, detail::outcome given) {
  if (given || !is_resent) return given;
  switch (given.error().code) {
    case errc::rejected:
    case errc::conflict:
    case errc::id_reused:
    case errc::unknown: return given;
    default: return error{errc::unknown, "the other node was restarted, and does not decide this again", given.error().message()};
  }
}

served_session::served_session(session_id id, std::string peer, credit limits, std::shared_ptr<share_of_peers> bytes, session_calls& calls,
                               std::function<void(served_session&)> wake)
    : id_(id), hex_(to_hex(id)), peer_(std::move(peer)), limits_(limits), share_(std::move(bytes)), calls_(calls), wake_(std::move(wake)) {}

served_session::~served_session() { share_->give_back(peer_, room_); }

std::uint64_t served_session::link_number() const {
  const std::lock_guard lock{mutex_};
  return link_number_;
}

std::uint64_t served_session::attach(std::shared_ptr<channel> over, std::uint64_t link_number) {
  const std::lock_guard lock{mutex_};
  if (channel_) channel_->close();
  channel_ = std::move(over);
  link_number_ = link_number;
  out_.clear();
  is_woken_ = false;
  is_resumed_ = false;
  return taken_;
}

void served_session::resume() {
  is_resumed_ = is_known_ = true;
  for (const auto& one : kept_) out_.append(one.frame);
  if (refusal_) put_goodbye(out_, taken_);
}

void served_session::wake_after(std::unique_lock<std::mutex>& lock) {
  const bool wakes = channel_ && !out_.empty() && !std::exchange(is_woken_, true);
  lock.unlock();
  if (wakes) wake_(*this);
}

result<void> served_session::confirmed(std::uint64_t answers) {
  if (answers < confirmed_ || answers - confirmed_ > kept_.size())
    return error{errc::undecodable, "a confirmation of answers that were not given", std::to_string(answers)};
  for (; confirmed_ < answers; ++confirmed_) {
    const auto of = static_cast<std::size_t>(kept_.front().what);
    --count_[of];
    bytes_[of] -= kept_.front().bytes;
    answer_bytes_[of] -= kept_.front().frame.size();
    share_->give_back(peer_, kept_.front().room);
    room_ -= kept_.front().room;
    kept_.pop_front();
  }
  return {};
}

result<taken_call> served_session::take(kind what, std::uint64_t sequence, std::size_t bytes, bool in_any_case) {
  if (sequence <= taken_) return error{errc::undecodable, "a call was numbered lower than one before it", std::to_string(sequence)};
  const auto of = static_cast<std::size_t>(what);
  const std::uint32_t most[kinds]{limits_.commands, limits_.questions, limits_.deliveries};
  if (count_[of] >= most[of]) return error{errc::overloaded, "the peer exceeds its credit", std::to_string(most[of]) + " calls"};
  // What is larger than the credit may come alone. Answers do not count here: the caller cannot know of them.
  if (count_[of] > 0 && bytes_[of] + bytes > limits_.bytes)
    return error{errc::overloaded, "the peer exceeds its credit", std::to_string(limits_.bytes) + " bytes"};
  taken_ = sequence;
  ++count_[of];
  bytes_[of] += bytes;
  const bool has_room = in_any_case || share_->take(peer_, bytes);
  if (in_any_case) share_->add(peer_, bytes);
  if (has_room) room_ += bytes;
  return taken_call{what, sequence, bytes, has_room};
}

void served_session::dispatch(const taken_call& call, std::string_view payload) {
  if (call.what == kind::command)
    calls_.command(shared_from_this(), call, *read_command(payload));
  else
    calls_.request(shared_from_this(), call, *read_request(payload));
}

result<void> served_session::refused(std::unique_lock<std::mutex>& lock, const taken_call& call, error why) {
  lock.unlock();
  answer(call, std::move(why));
  return {};
}

result<void> served_session::take_command(std::unique_lock<std::mutex>& lock, std::string_view payload) {
  const auto frame = read_command(payload);
  if (!frame) return frame.error();
  // Those that are sent again are settled together: none of them may be missing.
  auto call = take(kind::command, frame->sequence, payload.size(), frame->is_resent);
  if (!call) return std::move(call).error();
  if (refusal_ || !call->has_room) {
    auto why = answer_to_command(frame->is_resent, refusal_ ? *refusal_ : unread_answers(peer_)).error();
    calls_.refused(*frame, why.code);
    return refused(lock, *call, std::move(why));
  }
  if (frame->is_resent && resends_ == resends::none) resends_ = resends::collected;
  if (resends_ == resends::none) {
    lock.unlock();
    calls_.command(shared_from_this(), *call, *frame);
  } else if (frame->is_resent && resends_ == resends::collected) {
    resent_.push_back({*call, std::string{payload}});
  } else {
    held_.push_back({*call, std::string{payload}});
  }
  return {};
}

result<void> served_session::take_request(std::unique_lock<std::mutex>& lock, std::string_view payload) {
  const auto frame = read_request(payload);
  if (!frame) return frame.error();
  const auto what = calls_.is_delivery(frame->call) ? kind::delivery : kind::question;
  // A small delivery may be an acknowledgement, which gives something back.
  auto call = take(what, frame->sequence, payload.size(), what == kind::delivery && payload.size() <= small_answer);
  if (!call) return std::move(call).error();
  if (refusal_) return refused(lock, *call, *refusal_);
  if (!call->has_room || answer_bytes_[static_cast<std::size_t>(call->what)] > limits_.bytes) return refused(lock, *call, unread_answers(peer_));
  if (resends_ != resends::none) {
    held_.push_back({*call, std::string{payload}});
  } else {
    lock.unlock();
    calls_.request(shared_from_this(), *call, *frame);
  }
  return {};
}

result<void> served_session::received(const channel& on, frame_kind kind, std::string_view payload) {
  std::unique_lock lock{mutex_};
  if (channel_.get() != &on) return {};  // of an older link
  if (!is_resumed_ && kind != frame_kind::confirm) return error{errc::undecodable, "a link has to begin with a confirmation"};
  switch (kind) {
    case frame_kind::command: return take_command(lock, payload);
    case frame_kind::request: return take_request(lock, payload);
    case frame_kind::confirm: {
      const auto answers = read_number(payload);
      auto ok = answers ? confirmed(*answers) : result<void>{answers.error()};
      if (ok && !is_resumed_) resume();
      wake_after(lock);
      return ok;
    }
    case frame_kind::resent_end: settle_resent(lock); return {};
    case frame_kind::goodbye: has_ended_ = true; return {};
    default: return error{errc::undecodable, "a frame that a caller does not send", "kind " + std::to_string(static_cast<int>(kind))};
  }
}

void served_session::settle_resent(std::unique_lock<std::mutex>& lock) {
  if (resends_ != resends::collected) return;
  resends_ = resends::settled;
  auto all = std::exchange(resent_, {});
  lock.unlock();
  calls_.resent(shared_from_this(), std::move(all));
}

/// If not even that is possible, the caller's time-out answers the call.
void served_session::answer_anyhow(const taken_call& call, error why) noexcept {
  try {
    answer(call, std::move(why));
  } catch (...) {
  }
}

/// Calls that come meanwhile are put behind the held ones, so the order is kept.
void served_session::release() noexcept {
  for (;;) {
    session_calls::resent_command next;
    {
      const std::lock_guard lock{mutex_};
      if (held_.empty()) {
        resends_ = resends::none;
        return;
      }
      next = std::move(held_.front());
      held_.pop_front();
    }
    try {
      dispatch(next.call, next.payload);
    } catch (...) {  // no memory, say
      answer_anyhow(next.call, {errc::unknown, "the call was not carried out"});
    }
  }
}

void served_session::lost(const channel& on) {
  const std::lock_guard lock{mutex_};
  if (channel_.get() != &on) return;
  channel_ = nullptr;
  is_resumed_ = false;
  out_.clear();
  // Marked commands stay where they are: those that come on the next link decide about them, too.
}

void served_session::answer(const taken_call& call, detail::outcome given) {
  std::unique_lock lock{mutex_};
  auto& unconfirmed = answer_bytes_[static_cast<std::size_t>(call.what)];
  kept_answer kept{{}, call.what, call.bytes, 0};
  put(kept.frame, answer_frame{call.sequence, std::move(given)});
  // An answer to a command has to stay what it is, and events that were handed out are not taken back.
  const auto bytes = kept.frame.size();
  const bool is_too_much = (unconfirmed > 0 && unconfirmed + bytes > limits_.bytes) || !share_->fits(peer_, bytes);
  if (call.what == kind::question && bytes > small_answer && is_too_much) {
    std::string{}.swap(kept.frame);  // an assignment would keep its memory
    put(kept.frame, answer_frame{call.sequence, unread_answers(peer_)});
  }
  unconfirmed += kept.frame.size();
  share_->add(peer_, kept.frame.size());
  room_ += kept.frame.size();
  kept.room = kept.frame.size() + (call.has_room ? call.bytes : 0);
  if (is_resumed_) out_.append(kept.frame);
  kept_.push_back(std::move(kept));
  wake_after(lock);
}

std::size_t served_session::flush() {
  const std::lock_guard one_at_a_time{flushing_};
  std::string frames;
  std::shared_ptr<channel> over;
  {
    const std::lock_guard lock{mutex_};
    is_woken_ = false;
    if (!channel_) return 0;
    frames.swap(out_);
    over = channel_;
  }
  if (!frames.empty()) over->send(frames);
  return frames.size();
}

void served_session::refuse(error why) {
  std::unique_lock lock{mutex_};
  if (refusal_) return;
  refusal_ = std::move(why);
  if (is_resumed_) put_goodbye(out_, taken_);
  wake_after(lock);
}

void served_session::close() {
  const std::lock_guard lock{mutex_};
  if (channel_) channel_->close();
}

bool served_session::is_known() const {
  const std::lock_guard lock{mutex_};
  return is_known_;
}

bool served_session::is_linked() const {
  const std::lock_guard lock{mutex_};
  return channel_ != nullptr;
}

bool served_session::has_link(const channel& one) const {
  const std::lock_guard lock{mutex_};
  return channel_.get() == &one;
}

bool served_session::is_quiet() const {
  const std::lock_guard lock{mutex_};
  const auto unanswered = [&](kind what) { return count_[static_cast<std::size_t>(what)] > 0; };
  return !channel_ || (kept_.empty() && !unanswered(kind::command) && !unanswered(kind::question));
}

void served_session::end() {
  const std::lock_guard lock{mutex_};
  is_over_ = true;
}

bool served_session::is_over() const {
  const std::lock_guard lock{mutex_};
  return is_over_;
}

bool served_session::has_ended() const {
  const std::lock_guard lock{mutex_};
  return has_ended_;
}

}  // namespace annals::net
