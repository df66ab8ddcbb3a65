#include "net/remote/serving.hpp"

#include "actors/base/longest_wait.hpp"
#include "net/remote/address.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace annals::net {
namespace {

result<void> check(const listen_options& with) {
  const auto wrong = [](std::string_view option, std::string_view why) -> result<void> {
    return error{errc::bad_option, std::string{option}, std::string{why}};
  };
  if (auto ok = address_of(with.at); !ok) return std::move(ok).error();
  if (!is_node_name(with.name)) return wrong("name", "must have 1 to 255 bytes without control characters");
  for (const auto calls : {with.commands_max, with.questions_max, with.deliveries_max})
    if (calls < 1 || calls > 1'048'576) return wrong("commands_max, questions_max, deliveries_max", "must be 1 to 1,048,576");
  if (with.bytes_max < (std::uint64_t{64} << 10) || with.bytes_max > (std::uint64_t{4} << 30)) return wrong("bytes_max", "must be 64 KiB to 4 GiB");
  if (with.memory_max < (std::uint64_t{64} << 20) || with.memory_max > (std::uint64_t{1} << 40))
    return wrong("memory_max", "must be 64 MiB to 1 TiB");
  if (with.sessions_max < 1 || with.sessions_max > 65'536) return wrong("sessions_max", "must be 1 to 65,536");
  if (with.session_kept.count() < 0 || with.session_kept > std::chrono::hours{24}) return wrong("session_kept", "must be 0 to 24 hours");
  if (with.threads < 1 || with.threads > 64) return wrong("threads", "must be 1 to 64");
  return {};
}

store_facts facts_of(const detail::engine& of, std::optional<std::uint64_t> known) {
  const auto& log = *of.env().log;
  const auto& identity = log.identity();
  store_facts facts{identity.store_id, identity.history, log.readable(), 0, std::nullopt};
  if (known) facts.fork = store::fork_of(identity.former, *known);
  const position head[] = {facts.head};
  if (facts.head > 0)
    (void)log.read_at(head, [&](const record_view& record) {
      facts.checksum = record.checksum;
      return true;
    });
  return facts;
}

}  // namespace

result<std::shared_ptr<serving>> serving::open(detail::engine& of, listen_options with) {
  if (auto ok = check(with); !ok) return std::move(ok).error();
  auto key = node_key::load(with.key);
  if (!key) return std::move(key).error();
  auto known = peers::load(with.peers);
  if (!known) return std::move(known).error();
  const auto where = *address_of(with.at);
  std::shared_ptr<serving> made{
      new serving{of, std::move(with), std::make_shared<const node_key>(std::move(*key)), std::make_shared<const peers>(std::move(*known))}};
  auto threads = workers::start(made->with_.threads);
  if (!threads) return std::move(threads).error();
  made->workers_ = std::move(*threads);
  auto* one = made.get();
  const auto failed = [one](std::string_view why) { one->engine_.env().logger->error("listener: exception in the thread for links: {}", why); };
  if (auto ok = one->pump_.start({[one] { return one->door_.flush(); }, [one] { return one->tick(); }, failed}); !ok) return std::move(ok).error();
  auto system = link_system::open(made->with_.link);
  if (!system) return std::move(system).error();
  made->system_ = std::move(*system);
  {
    const std::lock_guard lock{made->publishing_};
    made->connections_ = made->system_->rules().counters;
  }
  auto opened = door_link::publish(*made->system_, where.host, where.port, made->door_);
  if (!opened) return std::move(opened).error();
  made->port_ = (*opened)->port();
  {
    const std::lock_guard lock{made->publishing_};
    made->published_ = std::move(*opened);
  }
  if (auto ok = of.attach(made); !ok) return std::move(ok).error();
  of.env().logger->info("listening at {}, port {}, as {}", where.host, made->port_, made->with_.name);
  return made;
}

serving::serving(detail::engine& of, listen_options with, std::shared_ptr<const node_key> key, std::shared_ptr<const peers> known)
    : engine_(of),
      with_(std::move(with)),
      calls_(of, {[this] { return door_.known(); }, [this](const served_session& by, std::string_view what) { door_.count_forbidden(by, what); },
                  [this](const std::string& peer, std::function<void()> what) { workers_->post(peer, std::move(what)); }}),
      door_(setup(std::move(key)), std::move(known), calls_,
            {[] { return std::chrono::steady_clock::now(); }, [this] { pump_.wake(); },
             [this](const std::string& line) { engine_.env().logger->warn("listener: {}", line); }}) {}

door_setup serving::setup(std::shared_ptr<const node_key> key) const {
  door_setup made;
  made.name = with_.name;
  made.key = std::move(key);
  made.facts = [this](std::optional<std::uint64_t> known) { return facts_of(engine_, known); };
  made.limits = {with_.commands_max, with_.questions_max, with_.deliveries_max, with_.bytes_max};
  made.memory_max = with_.memory_max;
  made.session_kept = with_.session_kept;
  made.sessions_of_a_peer_max = with_.sessions_max;
  return made;
}

std::optional<pump::steady::time_point> serving::tick() {
  bool is_open = false;  // the pump runs before the first link can come
  {
    const std::lock_guard lock{publishing_};
    if (published_) published_->cut_idle(with_.link.time_out);
    is_open = published_ != nullptr;
  }
  if (is_open) show_counts();  // what it reads was set before the door was published
  return door_.tick();
}

/// Adds what is new to the engine's meters.
void serving::show_counts() {
  using actors::link_failure;
  const auto now = counts();
  const auto add = [this](link_failure why, std::uint64_t seen, std::uint64_t& shown) {
    engine_.env().meters.not_let_in[static_cast<std::size_t>(why)].add(seen - std::exchange(shown, seen));
  };
  add(link_failure::refused, now.refused, shown_.refused);
  add(link_failure::malformed, now.malformed, shown_.malformed);
  add(link_failure::overrun, now.overrun, shown_.overrun);
  add(link_failure::timed_out, now.timed_out, shown_.timed_out);
}

serving::~serving() { close({}); }

door_counts serving::counts() const {
  auto all = door_.counts();
  all.refused += connections_->failed_handshakes + connections_->refused_links;
  all.malformed += connections_->oversized + connections_->strangers;
  all.timed_out += connections_->silent;
  return all;
}

result<void> serving::reload() {
  auto known = peers::load(with_.peers);
  if (!known) return std::move(known).error();
  const std::lock_guard lock{closing_};
  if (is_closed_) return error{errc::closed, "this listener is closed"};
  if (auto ok = system_->reload(); !ok) return ok;
  door_.set_known(std::make_shared<const peers>(std::move(*known)));
  engine_.env().logger->info("listener: the peers file and the TLS files were read again");
  return {};
}

void serving::close(std::chrono::milliseconds at_most) {
  const std::lock_guard lock{closing_};
  if (std::exchange(is_closed_, true)) return;
  const auto until = std::chrono::steady_clock::now() + std::clamp<std::chrono::milliseconds>(at_most, {}, actors::longest_wait);
  door_.refuse({errc::closed, "the other node is closed"});
  calls_.stop();
  constexpr std::chrono::milliseconds look_again{1};
  while (system_ && !door_.is_quiet() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(look_again);
  (void)door_.flush();
  door_.close();
  std::unique_ptr<published> ended;
  {
    const std::lock_guard lock{publishing_};
    ended = std::move(published_);
  }
  ended.reset();
  system_.reset();
  pump_.stop();
  (void)door_.report_until(std::chrono::steady_clock::time_point::max());
  if (workers_) workers_->stop();  // stays: what runs in it may post
  calls_.stop();
}

}  // namespace annals::net

namespace annals {

listener::listener(std::shared_ptr<net::serving> of) : of_(std::move(of)) {}
listener::listener(listener&&) noexcept = default;
listener& listener::operator=(listener&& other) noexcept {
  if (this != &other) {
    if (of_) of_->close({});
    of_ = std::move(other.of_);
  }
  return *this;
}
listener::~listener() {
  if (of_ && of_->is_ours()) of_->close(std::chrono::seconds{10});
}

std::uint16_t listener::port() const { return of_ ? of_->port() : 0; }

listener_counts listener::counts() const {
  if (!of_ || !of_->is_ours()) return {};
  const auto now = of_->counts();
  return {now.links, now.refused, now.malformed, now.overrun, now.timed_out, now.forbidden_calls};
}

result<void> listener::reload() {
  if (!of_) return error{errc::closed, "this listener has been moved from"};
  if (!of_->is_ours()) return store::used_after_fork();
  return of_->reload();
}

void listener::close(std::chrono::milliseconds at_most) {
  if (of_ && of_->is_ours()) of_->close(at_most);
}

result<listener> runtime::listen(listen_options with) {
  if (!engine_) return error{errc::closed, "this runtime has been moved from"};
  if (!engine_->is_ours()) return store::used_after_fork();
  auto of = net::serving::open(*engine_, std::move(with));
  if (!of) return std::move(of).error();
  return listener{std::move(*of)};
}

}  // namespace annals
