// What a caller does when a link comes or goes: what is sent again, and in which portions.
#include "net/session/caller.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace annals::net {
namespace {

error unknown_after_restart(std::string detail) { return {errc::unknown, "the other node was restarted before it answered", std::move(detail)}; }

}  // namespace

void caller::put_on_link(entry& e) {
  if (std::exchange(e.is_on_link, true)) return;
  const auto of = static_cast<std::size_t>(e.what);
  ++on_link_[of];
  bytes_on_link_[of] += e.frame.size();
}

/// What is larger than the credit may go alone.
bool caller::has_room(const entry& e) const {
  const auto of = static_cast<std::size_t>(e.what);
  return on_link_[of] == 0 || (on_link_[of] < most(e.what) && bytes_on_link_[of] + e.frame.size() <= limits_.bytes);
}

/// Calls that were queued without a link may be more than the server's credit. The server wants ascending numbers, so the first one that has
/// no room holds up all others.
void caller::send_more() {
  if (!channel_ || unsent_from_ == next_) return;
  for (auto e = entry_from(unsent_from_); e != entries_.end(); ++e) {
    const bool waits = takes_nothing_new_ && e->waits_for_next_life;
    if (!e->is_done && !waits) {
      if (!has_room(*e)) return;
      put_on_link(*e);
      e->is_sent = !takes_nothing_new_;
      out_.append(e->frame);
    }
    unsent_from_ = e->sequence + 1;
  }
}

void caller::opened(std::shared_ptr<channel> over, const session_state& server) {
  answers_to to;
  {
    const std::lock_guard lock{mutex_};
    if (is_over_) return;
    channel_ = std::move(over);
    limits_ = server.limits;
    frame_bytes_max_ = server.frame_bytes_max;
    takes_nothing_new_ = false;
    out_.clear();
    if (server.is_new) answers_ = 0;
    put_confirm(out_, confirmed_ = answers_);
    if (server.is_new) give_up_before_abandoned(to);
    resend(server, to);
    send_more();
    history_ = server.head.history;
    head_ = server.head;
    last_failure_.clear();
    is_woken_ = !out_.empty();
  }
  give(to);
  wake_();
}

std::optional<error> caller::not_sent_again(const entry& e, bool is_other_history, bool commands_fit) const {
  if (e.what == kind::delivery) return unknown_after_restart("whether it had an effect is not known");
  if (e.what == kind::question)
    return has_room(e) ? std::nullopt : std::optional{error{errc::overloaded, "the other node was restarted, and takes less at a time"}};
  if (is_other_history) return error{errc::unknown, "the history has changed", "the other node's log is another one than when the command was sent"};
  if (!commands_fit) return unknown_after_restart("it takes less at a time than before; sending again with the same id is safe");
  return std::nullopt;
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
      to.push_back({e->answer, unknown_after_restart("a later command to this stream was given up")});
      e->answer = nullptr;  // done by resend()
    }
  }
}

/// A server that knows the session has taken everything up to `taken` and will answer it. One that does not may have taken anything that
/// was sent, in an earlier life: a command is sent again, since its id makes that safe; of other calls only questions are. It holds these
/// commands until all have come, so they have to fit into its credit together.
void caller::resend(const session_state& server, answers_to& to) {
  const bool is_other_history = history_ != 0 && server.head.history != history_;
  on_link_ = {};
  bytes_on_link_ = {};
  unsent_from_ = next_;
  std::uint64_t commands = 0, bytes = 0;
  for (auto& e : entries_) {
    e.is_on_link = false;
    if (e.is_done || !e.answer || !e.is_sent || e.what != kind::command) continue;
    ++commands;
    bytes += e.frame.size();
  }
  const bool commands_fit = commands <= 1 || (commands <= limits_.commands && bytes <= limits_.bytes);
  bool is_any_doubtful = false;
  for (auto& e : entries_) {
    if (e.is_done) continue;
    if (server.is_new || e.sequence > server.taken) {
      auto why = too_large(e.frame.size());  // queued before that was known
      if (!why) why = server.is_new && e.is_sent ? not_sent_again(e, is_other_history, commands_fit) : why;
      if (!e.answer || why) {  // abandoned, and not taken, or by a server that is gone
        if (e.answer) to.push_back({e.answer, std::move(*why)});
        done(e);
        continue;
      }
      if (!e.is_sent) {
        unsent_from_ = std::min(unsent_from_, e.sequence);
        continue;
      }
      if (server.is_new && e.what == kind::command) {
        e.is_doubtful = true;
        mark_resent(e.frame);
      }
      out_.append(e.frame);
    }
    put_on_link(e);
    is_any_doubtful = is_any_doubtful || e.is_doubtful;
  }
  // Also if all of them were taken on the link before: the server waits for the end.
  if (is_any_doubtful) put_resent_end(out_);
  drop_done();
}

/// What has a higher number than the last one taken will have no effect in this life of the server: it is refused, or never arrives.
result<void> caller::said_goodbye(std::string_view payload) {
  const auto last = read_number(payload);
  if (!last) return last.error();
  takes_nothing_new_ = true;
  for (auto e = entries_.rbegin(); e != entries_.rend() && e->sequence > *last && !e->is_doubtful; ++e) e->is_sent = false;
  return {};
}

void caller::lost(const channel& on) {
  const std::lock_guard lock{mutex_};
  if (channel_.get() != &on) return;
  channel_ = nullptr;
  out_.clear();
}

}  // namespace annals::net
