// The public calls of a replica: reads go to its own engine, commands to its source.
#include <annals/replica.hpp>

#include "net/replica/copied_store.hpp"
#include "net/replica/place_in_memory.hpp"
#include "store/open_store.hpp"

#include <utility>

namespace annals {
namespace {

std::optional<error> gone(const net::copied_store* of) {
  if (!of) return error{errc::closed, "this replica has been moved from"};
  if (!of->is_ours()) return store::used_after_fork();
  return std::nullopt;
}

}  // namespace

result<replica> replica::open(const std::filesystem::path& directory, remote& source, options with) {
  if (!source.to_) return error{errc::closed, "the remote handle has been moved from"};
  if (!source.to_->is_ours()) return store::used_after_fork();
  auto of = net::copied_store::open(directory, source.to_, std::move(with));
  if (!of) return std::move(of).error();
  return replica{std::move(*of)};
}

replica::replica(std::shared_ptr<net::copied_store> of) : of_(std::move(of)) {}
replica::replica(replica&&) noexcept = default;
replica& replica::operator=(replica&& other) noexcept {
  if (this != &other) {
    close();
    of_ = std::move(other.of_);
  }
  return *this;
}
replica::~replica() {
  if (!of_) return;
  if (of_->is_ours())
    of_->close();
  else
    (void)new std::shared_ptr<net::copied_store>{std::move(of_)};  // none of its threads is here
}

result<void> replica::host(const hosted_types& all) {
  if (auto why = gone(of_.get())) return std::move(*why);
  return of_->engine().host(all);
}
result<void> replica::start() {
  if (auto why = gone(of_.get())) return std::move(*why);
  return of_->start();
}
replica_lag replica::lag() const {
  if (gone(of_.get())) return {};
  return of_->lag();
}
result<void> replica::wait_for(position at, std::chrono::milliseconds time_out) const {
  if (auto why = gone(of_.get())) return std::move(*why);
  return of_->wait_for(at, time_out);
}
void replica::close() {
  if (!gone(of_.get())) of_->close();
}

std::shared_ptr<detail::waiter> replica::send_bytes(std::string_view category, std::string_view key, std::string_view command, std::string body,
                                                    send_options with) {
  if (auto why = gone(of_.get())) return detail::answered_with(std::move(*why));
  return of_->source().send(category, key, command, std::move(body), std::move(with));
}
std::shared_ptr<detail::waiter> replica::ask_bytes(std::string_view projection, std::string_view query, std::string body,
                                                   std::optional<at_least> when) {
  if (auto why = gone(of_.get())) return detail::answered_with(std::move(*why));
  return of_->engine().ask(projection, query, std::move(body), when);
}
result<void> replica::read_stream(const std::string& stream, version from, std::size_t max,
                                  const std::function<bool(const record_view&)>& visit) const {
  if (auto why = gone(of_.get())) return std::move(*why);
  return of_->engine().read_stream(stream, from, max, visit);
}
result<detail::state_place> replica::take_state(std::string_view category, std::string_view key, const as_of& when,
                                                const detail::state_taker& into) const {
  if (auto why = gone(of_.get())) return std::move(*why);
  return of_->engine().take_state(category, key, when, into);
}
result<subscription> replica::join(std::string_view name, subscription_options with) {
  if (auto why = gone(of_.get())) return std::move(*why);
  if (auto ok = detail::engine::check(name, with); !ok) return std::move(ok).error();
  return subscription{std::make_shared<net::place_in_memory>(of_, std::string{name}, std::move(with))};
}
result<position> replica::read_log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const {
  if (auto why = gone(of_.get())) return std::move(*why);
  return of_->engine().log(from, max, visit);
}
result<token> replica::head_now() const {
  if (auto why = gone(of_.get())) return std::move(*why);
  return of_->engine().head();
}
annals::view replica::view() const { return annals::view{of_ ? of_->engine().seen() : nullptr}; }
result<annals::health> replica::health_now() const {
  if (auto why = gone(of_.get())) return std::move(*why);
  return of_->engine().health();
}
result<void> replica::read_model(std::string_view projection, const std::function<void(const void*, position)>& look) const {
  if (auto why = gone(of_.get())) return std::move(*why);
  return of_->engine().read_model(projection, look);
}
result<position> replica::fold_log(std::string_view projection, detail::hosted_model& into, position at, const stream_choice& of,
                                   detail::left_out_events left_out) const {
  if (auto why = gone(of_.get())) return std::move(*why);
  return of_->engine().fold_log(projection, into, at, of, std::move(left_out));
}

result<promoted> promote(const std::filesystem::path& directory) {
  auto is_copy = store::is_copy(directory);
  if (!is_copy) return std::move(is_copy).error();
  if (!*is_copy) return error{errc::misuse, directory.string() + " takes commands already", "only a replica or a restored backup can be promoted"};
  store::open_options with;
  with.create = false;
  auto opened = store::open_store(directory, with);
  if (!opened) return std::move(opened).error();
  const auto& identity = (*opened)->log->identity();
  return promoted{{identity.history, (*opened)->log->durable()}, identity.former.back().id};
}

}  // namespace annals
