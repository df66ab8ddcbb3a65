// The handle of a subscription: every call asks the member, whichever node that belongs to.
#include <annals/subscription.hpp>

#include "actors/base/membership.hpp"

#include <annals/detail/tables.hpp>

#include <set>
#include <utility>

namespace annals {
namespace {

result<void> as_nothing(detail::outcome o) {
  if (!o) return std::move(o).error();
  return {};
}

result<void> handled(const std::function<result<void>(const delivered&)>& handle, const delivered& event) {
  try {
    return handle(event);
  } catch (...) {
    return error{errc::rejected, "the handler threw", detail::current_exception_text()};
  }
}

/// The reason why this member cannot be asked.
std::optional<error> gone(const detail::membership* in) {
  if (!in) return error{errc::closed, "this member has been moved from"};
  if (!in->is_ours()) return store::used_after_fork();
  return std::nullopt;
}

/// The member's answer, or the reason why it cannot be asked.
template <class Ask>
pending<void> asked(detail::membership* in, Ask&& ask) {
  if (auto why = gone(in)) return {detail::answered_with(std::move(*why)), as_nothing};
  return {ask(*in), as_nothing};
}

}  // namespace

subscription::subscription(std::shared_ptr<detail::membership> in) : in_(std::move(in)) {}
subscription::subscription(subscription&&) noexcept = default;
subscription& subscription::operator=(subscription&&) noexcept = default;
subscription::~subscription() = default;

result<std::vector<delivered>> subscription::next(std::size_t max, std::chrono::milliseconds time_out) {
  if (!detail::may_wait()) return detail::must_not_wait("next()");
  if (auto why = gone(in_.get())) return std::move(*why);
  const auto wanted = in_->next(max, time_out);
  if (auto answer = wanted.answered->await(); !answer) return std::move(answer).error();
  return std::move(*wanted.batch);
}

pending<void> subscription::ack(const delivered& event) { return ack({&event.record.at, 1}, event.life); }
pending<void> subscription::ack(position at) { return ack({&at, 1}); }
pending<void> subscription::ack(std::span<const position> all, std::uint64_t life) {
  return asked(in_.get(), [&](auto& in) { return in.ack({all.begin(), all.end()}, life); });
}
pending<void> subscription::nack(const delivered& event, std::string why) { return nack(event.record.at, std::move(why), event.life); }
pending<void> subscription::nack(position at, std::string why, std::uint64_t life) {
  return asked(in_.get(), [&](auto& in) { return in.nack(at, std::move(why), life); });
}
pending<void> subscription::retry(position at) {
  return asked(in_.get(), [&](auto& in) { return in.resolve(at, true); });
}
pending<void> subscription::skip(position at) {
  return asked(in_.get(), [&](auto& in) { return in.resolve(at, false); });
}
result<std::vector<parked_event>> subscription::parked() const {
  if (auto why = gone(in_.get())) return std::move(*why);
  return in_->parked();
}
void subscription::leave() {
  if (in_) in_->leave();
}

result<void> subscription::run(const std::function<result<void>(const delivered&)>& handle, std::size_t at_once) {
  constexpr std::chrono::minutes patience{1};
  for (;;) {
    auto batch = next(at_once, patience);
    if (!batch && batch.error().code == errc::closed) return {};
    if (!batch) return std::move(batch).error();
    std::set<std::string, std::less<>> refused;  // their later events come again
    for (const auto& event : *batch) {
      if (refused.contains(event.record.stream)) continue;
      if (!in_->may_handle()) return {};  // the rest of the batch goes to others
      const auto done = handled(handle, event);
      if (done) {
        (void)ack(event);
      } else {
        (void)nack(event, done.error().message());
        refused.emplace(event.record.stream);
      }
      in_->done_handling();
    }
  }
}

}  // namespace annals
