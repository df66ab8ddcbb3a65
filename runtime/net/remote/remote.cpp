// The public calls of a remote handle: each becomes a command or a request of its session.
#include <annals/remote.hpp>

#include "net/remote/handle.hpp"
#include "net/remote/remote_membership.hpp"
#include "net/wire/health_answer.hpp"
#include "net/wire/records.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace annals {
namespace {

using net::call;

/// Why a handle cannot be used: it has been moved from, or it belongs to the parent of this process.
std::optional<error> gone(const net::handle* to) {
  if (!to) return error{errc::closed, "this handle has been moved from"};
  if (!to->is_ours()) return store::used_after_fork();
  return std::nullopt;
}

result<position> as_position(detail::outcome o) {
  if (!o) return std::move(o).error();
  return o->accepted.at;
}

net::subscribe_call as_call(std::string_view name, const subscription_options& with) {
  net::subscribe_call made;
  made.name = name;
  made.from = with.from;
  made.reset = with.reset;
  made.categories = with.categories;
  made.types = with.types;
  made.in_flight_max = with.in_flight_max;
  made.open_max = with.open_max;
  made.ack_time_out_ms = with.ack_time_out.count();
  made.attempts = with.failure.attempts;
  made.first_pause_ms = with.failure.first_pause.count();
  made.then = static_cast<std::uint8_t>(with.failure.then);
  made.parked_max = with.parked_max;
  return made;
}

}  // namespace

result<remote> remote::connect(std::vector<std::string> addresses, remote_options with) {
  auto to = net::handle::open(std::move(addresses), std::move(with));
  if (!to) return std::move(to).error();
  return remote{std::move(*to)};
}

remote::remote(std::shared_ptr<net::handle> to) : to_(std::move(to)) {}
remote::remote(remote&&) noexcept = default;
remote& remote::operator=(remote&& other) noexcept {
  if (this != &other) {
    net::let_go(std::exchange(to_, nullptr));
    to_ = std::move(other.to_);
  }
  return *this;
}
remote::~remote() {
  if (to_ && to_->is_ours()) to_->close({});
  net::let_go(std::move(to_));
}

result<void> remote::wait_for_link(std::chrono::milliseconds time_out) const {
  if (auto why = gone(to_.get())) return std::move(*why);
  return to_->wait_for_link(time_out);
}

void remote::close(std::chrono::milliseconds at_most) {
  if (!gone(to_.get())) to_->close(at_most);
}

std::shared_ptr<detail::waiter> remote::send_bytes(std::string_view category, std::string_view key, std::string_view command, std::string body,
                                                   send_options with) {
  if (auto why = gone(to_.get())) return detail::answered_with(std::move(*why));
  return to_->send(category, key, command, std::move(body), std::move(with));
}

std::shared_ptr<detail::waiter> remote::ask_bytes(std::string_view projection, std::string_view query, std::string body,
                                                  std::optional<at_least> when) {
  if (auto why = gone(to_.get())) return detail::answered_with(std::move(*why));
  net::ask_call asked{std::string{projection}, std::string{query}, std::move(body), std::nullopt, 0, 0, to_->options().answer_bytes_max};
  if (when) {
    asked.history = when->token.history;
    asked.at = when->token.at;
    asked.time_out_ms = when->time_out.count();
  }
  return to_->ask(call::ask, asked, when ? when->time_out : std::chrono::milliseconds{});
}

result<void> remote::read_stream(const std::string& stream, version from, std::size_t max,
                                 const std::function<bool(const record_view&)>& visit) const {
  if (auto why = gone(to_.get())) return std::move(*why);
  while (max > 0) {
    const auto bytes = to_->answer_to(call::stream, net::stream_call{stream, from, max});
    if (!bytes) return bytes.error();
    bool goes_on = true;
    std::size_t count = 0;
    const auto end = net::read_batch(*bytes, [&](const record_view& record, std::uint32_t) {
      ++count;
      return goes_on = visit(record);
    });
    if (!end) return end.error();
    if (!goes_on || end->is_last || count == 0) return {};
    max -= std::min(max, count);
    from = end->next;
  }
  return {};
}

result<detail::state_place> remote::take_state(std::string_view category, std::string_view key, const as_of& when,
                                               const detail::state_taker& into) const {
  if (auto why = gone(to_.get())) return std::move(*why);
  const auto bytes = to_->answer_to(call::state, net::state_call{std::string{category}, std::string{key}, when.version, when.position, when.time});
  if (!bytes) return bytes.error();
  const auto found = decoded<net::state_answer>(*bytes);
  if (!found) return found.error();
  if (found->version > 0)
    if (auto ok = into.decode(into.into, found->state); !ok) return std::move(ok).error();
  return detail::state_place{found->version, found->at, found->time};
}

result<subscription> remote::join(std::string_view name, subscription_options with) {
  if (auto why = gone(to_.get())) return std::move(*why);
  auto asked = as_call(name, with);
  const auto bytes = to_->answer_to(call::subscribe, asked);
  if (!bytes) return bytes.error();
  const auto made = decoded<net::member_call>(*bytes);
  if (!made) return made.error();
  return subscription{std::make_shared<net::remote_membership>(to_, std::move(asked), made->member)};
}

result<position> remote::read_log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const {
  if (auto why = gone(to_.get())) return std::move(*why);
  while (max > 0) {
    const auto bytes = to_->answer_to(call::log, net::log_call{from, max});
    if (!bytes) return bytes.error();
    bool goes_on = true;
    std::size_t count = 0;
    position last = from;
    const auto end = net::read_batch(*bytes, [&](const record_view& record, std::uint32_t) {
      ++count;
      last = record.at + 1;
      return goes_on = visit(record);
    });
    if (!end) return end.error();
    if (!goes_on) return last;
    from = end->next;
    if (end->is_last || count == 0) return from;
    max -= std::min(max, count);
  }
  return from;
}

result<token> remote::head_now() const {
  if (auto why = gone(to_.get())) return std::move(*why);
  if (!detail::may_wait()) return detail::must_not_wait("head()");
  const auto given = to_->ask(call::head, net::nothing_call{})->await();
  if (!given) return given.error();
  return given->accepted.token;
}

result<annals::health> remote::health_now() const {
  if (auto why = gone(to_.get())) return std::move(*why);
  const auto bytes = to_->answer_to(call::health, net::nothing_call{});
  if (!bytes) return bytes.error();
  auto found = decoded<net::health_answer>(*bytes);
  if (!found) return std::move(found).error();
  return net::as_health(std::move(*found));
}

result<std::vector<parked_event>> remote::parked(std::string_view name) const {
  if (auto why = gone(to_.get())) return std::move(*why);
  const auto bytes = to_->answer_to(call::parked, net::owner_call{std::string{name}});
  if (!bytes) return bytes.error();
  auto found = decoded<net::parked_answer>(*bytes);
  if (!found) return std::move(found).error();
  return std::move(found->events);
}

result<void> remote::stream(const std::string& id, version from, const std::function<bool(const record_view&)>& visit) const {
  bool is_found = false;
  auto ok =
      read_stream(id, from, std::numeric_limits<std::uint64_t>::max(), [&](const record_view& record) { return is_found = true, visit(record); });
  if (ok && !is_found) return error{errc::not_found, "no such stream", id};
  return ok;
}

result<past_bytes> remote::state_of(const hosted_types& types, const std::string& stream, const as_of& when) const {
  auto first = types.begin(stream);
  if (!first) return std::move(first).error();
  past_bytes past;
  const detail::state_taker taker{&past.state, nullptr, [](void* into, std::string_view saved) -> result<void> {
                                    static_cast<std::string*>(into)->assign(saved);
                                    return {};
                                  }};
  const auto dash = stream.find('-');
  auto found = take_state(stream.substr(0, dash), dash == stream.npos ? std::string{} : stream.substr(dash + 1), when, taker);
  if (!found) return std::move(found).error();
  past.version = found->version;
  past.at = found->at;
  past.time = found->time;
  if (past.version > 0) return past;
  // Before its first event, or is there no such stream?
  if (auto ok = this->stream(stream, 1, [](const record_view&) { return false; }); !ok) return std::move(ok).error();
  past.state = first->encoded();
  return past;
}

result<store_stats> remote::stats() const {
  if (auto why = gone(to_.get())) return std::move(*why);
  const auto bytes = to_->answer_to(call::statistics, net::nothing_call{});
  if (!bytes) return bytes.error();
  return decoded<store_stats>(*bytes);
}

pending<position> remote::retry_parked(std::string_view name, position at) {
  if (auto why = gone(to_.get())) return {detail::answered_with(std::move(*why)), as_position};
  return {to_->ask(call::retry_parked, net::position_call{std::string{name}, at}), as_position};
}

pending<position> remote::skip_parked(std::string_view name, position at) {
  if (auto why = gone(to_.get())) return {detail::answered_with(std::move(*why)), as_position};
  return {to_->ask(call::skip_parked, net::position_call{std::string{name}, at}), as_position};
}

pending<position> remote::rebuild(std::string_view projection) {
  if (auto why = gone(to_.get())) return {detail::answered_with(std::move(*why)), as_position};
  return {to_->ask(call::rebuild, net::owner_call{std::string{projection}}), as_position};
}

}  // namespace annals
