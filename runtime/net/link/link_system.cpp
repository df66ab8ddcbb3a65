#include "net/link/link_system.hpp"

#include "actors/host/system_thread.hpp"
#include "net/link/io_module.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace annals::net {
namespace {

using std::chrono::milliseconds;

/// How long a system that ends waits for its peers to take what has been sent.
constexpr milliseconds last_wait{500};

result<void> check_times(const link_options& options) {
  if (options.heartbeat < milliseconds{10} || options.heartbeat > std::chrono::hours{1})
    return error{errc::bad_option, "heartbeat: 10 ms to 1 hour", std::to_string(options.heartbeat.count()) + " ms"};
  if (options.time_out < 2 * options.heartbeat || options.time_out > std::chrono::hours{24})
    return error{errc::bad_option, "time_out: at least twice the heartbeat, at most 24 hours", std::to_string(options.time_out.count()) + " ms"};
  return {};
}

/// CAF ends the process when it gets no descriptor for its loop.
result<void> check_descriptors() {
  constexpr int needed = 8;
  std::vector<store::descriptor> free;
  for (int i = 0; i < needed; ++i) {
    free.emplace_back(::eventfd(0, EFD_CLOEXEC));
    if (free.back().get() < 0)
      return error{errc::overloaded, "too few file descriptors are left for links", std::error_code{errno, std::generic_category()}.message()};
  }
  return {};
}

void fill(caf::actor_system_config& config, const link_options& options) {
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", std::size_t{1});
  config.set("scheduler.max-throughput", std::size_t{300});
  config.set("middleman.app-identifiers", std::vector<std::string>{"annals"});
  config.set("middleman.heartbeat-interval", caf::timespan{options.heartbeat});
  config.set("middleman.connection-timeout", caf::timespan{options.time_out});
}

/// CAF's own services, which any peer could use: one keeps whatever it is given, the other spawns actors.
void end_services(caf::actor_system& system) {
  for (const auto& [name, service] : {std::pair{caf::atom("SpawnServ"), system.spawn_serv()}, {caf::atom("ConfigServ"), system.config_serv()}}) {
    system.registry().erase(name);
    caf::anon_send_exit(service, caf::exit_reason::kill);
  }
}

}  // namespace

link_system::link_system(const link_options& options) : options_(options) {
  rules_.counters = std::make_shared<link_counters>();
  rules_.peers = std::make_shared<peer_table>();
  if (options.tls) rules_.tls = [this] { return tls(); };
}

result<std::unique_ptr<link_system>> link_system::open(const link_options& options) {
  if (auto times = check_times(options); !times) return std::move(times).error();
  std::unique_ptr<link_system> made{new link_system{options}};
  if (auto loaded = made->reload(); !loaded) return std::move(loaded).error();
  if (auto enough = check_descriptors(); !enough) return std::move(enough).error();

  auto failed = std::make_shared<std::optional<std::system_error>>();
  auto thread = actors::system_thread::start(
      [&options, failed](caf::actor_system_config& config) {
        fill(config, options);
        io_module::load(config, *failed);
      },
      true);
  if (!thread) return std::move(thread).error();
  if (*failed) {
    const auto why = **failed;
    thread->reset();
    return actors::no_threads(why);
  }
  made->thread_ = std::move(thread).value();
  made->run([&] {
    end_services(made->actors());
    made->basp_ = basp_of(made->actors());
  });
  return made;
}

link_system::~link_system() {
  if (home_.is_this_one()) {
    if (basp_) send_the_rest();
    basp_ = nullptr;
    return;
  }
  (void)thread_.release();
  (void)new caf::actor{std::move(basp_)};  // its memory is as the parent's threads have left it
}

result<void> link_system::reload() {
  if (!home_.is_this_one()) return store::used_after_fork();
  if (!options_.tls) return {};
  auto loaded = load_tls(*options_.tls);
  if (!loaded) return std::move(loaded).error();
  const std::lock_guard lock{mutex_};
  tls_ = std::move(loaded).value();
  return {};
}

std::shared_ptr<SSL_CTX> link_system::tls() const {
  const std::lock_guard lock{mutex_};
  return tls_;
}

caf::actor_system& link_system::actors() const { return thread_->system(); }

caf::io::network::default_multiplexer& link_system::loop() const {
  return static_cast<caf::io::network::default_multiplexer&>(actors().middleman().backend());
}

void link_system::wait_for_basp() {
  run([this] {
    caf::scoped_actor self{actors()};
    self->request(basp_, caf::infinite, caf::get_atom::value, actors().node())
        .receive([](const caf::node_id&, const std::string&, std::uint16_t) {}, [](const caf::error&) {});
  });
}

void link_system::send_the_rest() {
  wait_for_basp();
  const auto end = std::chrono::steady_clock::now() + last_wait;
  while (rules_.peers->unsent_bytes() > 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

void link_system::run(std::function<void()> what) { thread_->run(std::move(what)); }

}  // namespace annals::net
