// The public calls. Each runs in the engine, in the file that is named after what the host wants; see engine.hpp.
#include <annals/runtime.hpp>

#include "actors/host/engine.hpp"

#include <type_traits>

namespace annals {
namespace {

using detail::engine;

/// Why a runtime cannot be used: it has been moved from, or it belongs to the parent of this process.
std::optional<error> gone(const engine* of) {
  if (!of) return error{errc::closed, "this runtime has been moved from"};
  if (!of->is_ours()) return store::used_after_fork();
  return std::nullopt;
}

/// Runs this call in the engine. Answers with the error, or with an empty value, if the runtime cannot be used.
template <auto What, class Owner, class... Given>
auto call(const Owner& of, Given&&... given) {
  using answer = std::invoke_result_t<decltype(What), engine*, Given...>;
  auto why = gone(of.get());
  if (!why) return ((*of).*What)(std::forward<Given>(given)...);
  if constexpr (std::is_same_v<answer, std::shared_ptr<detail::waiter>>)
    return detail::answered_with(std::move(*why));
  else if constexpr (std::is_constructible_v<answer, error>)
    return answer{std::move(*why)};
  else
    return answer();
}

/// The position that a waiter was given.
result<position> position_of(detail::outcome o) {
  if (!o) return std::move(o).error();
  return o->accepted.at;
}

}  // namespace

node::~node() = default;

runtime::runtime(std::unique_ptr<detail::engine, detail::end_engine> engine) : engine_(std::move(engine)) {}
runtime::runtime(runtime&&) noexcept = default;
runtime& runtime::operator=(runtime&&) noexcept = default;
runtime::~runtime() = default;

result<void> runtime::host(const hosted_types& all) { return call<&engine::host>(engine_, all); }
result<void> runtime::start() { return call<&engine::start>(engine_); }
void runtime::close() { call<&engine::close>(engine_); }

std::shared_ptr<detail::waiter> runtime::send_bytes(std::string_view category, std::string_view key, std::string_view command, std::string body,
                                                    send_options with) {
  return call<&engine::send>(engine_, category, key, command, std::move(body), std::move(with));
}
std::shared_ptr<detail::waiter> runtime::ask_bytes(std::string_view projection, std::string_view query, std::string body,
                                                   std::optional<at_least> when) {
  return call<&engine::ask>(engine_, projection, query, std::move(body), when);
}
result<void> runtime::read_model(std::string_view projection, const std::function<void(const void*, position)>& look) const {
  return call<&engine::read_model>(engine_, projection, look);
}

result<void> runtime::read_stream(const std::string& stream, version from, std::size_t max,
                                  const std::function<bool(const record_view&)>& visit) const {
  return call<&engine::read_stream>(engine_, stream, from, max, visit);
}
result<detail::state_place> runtime::take_state(std::string_view category, std::string_view key, const as_of& when,
                                                const detail::state_taker& into) const {
  return call<&engine::take_state>(engine_, category, key, when, into);
}
result<position> runtime::fold_log(std::string_view projection, detail::hosted_model& into, position at, const stream_choice& of,
                                   detail::left_out_events left_out) const {
  return call<&engine::fold_log>(engine_, projection, into, at, of, std::move(left_out));
}
result<replayed> runtime::verify_replay() const { return call<&engine::verify_replay>(engine_); }
result<position> runtime::read_log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const {
  return call<&engine::log>(engine_, from, max, visit);
}
annals::metrics runtime::metrics() const { return call<&engine::metrics>(engine_); }
std::vector<option_in_force> runtime::options_in_force() const { return call<&engine::options_in_force>(engine_); }
std::shared_ptr<span_queue> runtime::spans() const { return call<&engine::spans>(engine_); }
annals::view runtime::view() const { return annals::view{engine_ ? engine_->seen() : nullptr}; }
result<store_stats> runtime::stats() const { return call<&engine::stats>(engine_); }
result<void> runtime::backup(const std::filesystem::path& target) const { return call<&engine::backup>(engine_, target); }

pending<position> runtime::rebuild(std::string_view projection) {
  return {call<&engine::order>(engine_, projection, actors::rebuild_model{}), position_of};
}
result<std::vector<parked_event>> runtime::parked(std::string_view name) const { return call<&engine::parked>(engine_, name); }
pending<position> runtime::retry_parked(std::string_view name, position at) {
  return {call<&engine::order>(engine_, name, actors::retry_parked{at, {}}), position_of};
}
pending<position> runtime::skip_parked(std::string_view name, position at) { return {call<&engine::skip_parked>(engine_, name, at), position_of}; }

result<subscription> runtime::join(std::string_view name, subscription_options with) {
  auto joining = call<&engine::subscribe>(engine_, name, std::move(with));
  if (!joining) return std::move(joining).error();
  if (auto joined = joining->joined->await(); !joined) return std::move(joined).error();
  return subscription{std::move(joining->member)};
}

result<token> runtime::head_now() const {
  if (auto why = gone(engine_.get())) return std::move(*why);
  return engine_->head();
}
token runtime::head() const { return call<&engine::head>(engine_); }
result<annals::health> runtime::health_now() const {
  if (auto why = gone(engine_.get())) return std::move(*why);
  return engine_->health();
}
annals::health runtime::health() const {
  auto now = call<&engine::health>(engine_);
  if (auto why = gone(engine_.get())) now.journal_stopped = std::move(why);
  return now;
}
result<void> runtime::settle(std::chrono::milliseconds time_out) const { return call<&engine::settle>(engine_, time_out); }

}  // namespace annals
