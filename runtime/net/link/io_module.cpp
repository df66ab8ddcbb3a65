#include "net/link/io_module.hpp"

#include "net/link/sockets.hpp"

#include <caf/io/basp_broker.hpp>

#include <future>
#include <random>
#include <utility>

namespace annals::net {
namespace {

caf::node_id random_node() {
  std::random_device any;
  caf::node_id::default_data::host_id_type host{};
  for (auto& byte : host) byte = static_cast<std::uint8_t>(any());
  return caf::make_node_id(static_cast<std::uint32_t>(any()), host);
}

}  // namespace

void io_module::load(caf::actor_system_config& config, std::optional<std::system_error>& failed) {
  config.set("middleman.manual-multiplexing", true);    // the thread is ours
  config.set("middleman.attach-utility-actors", true);  // CAF's own actor, which could block, gets no thread, since nobody asks it
  config.set("middleman.enable-automatic-connections", false);
  config.module_factories.push_back([&failed](caf::actor_system& system) -> caf::actor_system::module* { return new io_module{system, failed}; });
}

io_module::io_module(caf::actor_system& system, std::optional<std::system_error>& failed) : middleman(system), failed_(failed), backend_(&system) {}

void io_module::init(caf::actor_system_config& config) {
  middleman::init(config);
  const_cast<caf::node_id&>(system().node()) = random_node();  // CAF has no other way to choose it
}

void io_module::start_thread() {
  running_ = backend_.make_supervisor();
  std::promise<void> runs;
  auto started = runs.get_future();
  thread_ = std::thread{[this, &runs] {
    block_signals_of_writes();
    backend_.thread_id(std::this_thread::get_id());
    system().thread_started();
    runs.set_value();
    backend_.run();
    system().thread_terminates();
  }};
  started.wait();
}

void io_module::start() {
  try {
    start_thread();
  } catch (const std::system_error& why) {
    failed_ = why;
    backend_.thread_id(std::this_thread::get_id());
    running_.reset();
  }
  middleman::start();
}

void io_module::stop() {
  if (thread_.joinable()) {
    backend_.post([this, basp = basp_of(system())] {
      auto* broker = static_cast<caf::io::broker*>(caf::actor_cast<caf::abstract_actor*>(basp));
      broker->context(&backend_);
      broker->quit();
      broker->finalize();
      // CAF leaves the mailbox open: a tick that comes now would keep the broker, which has sent it, for ever.
      broker->scheduled_actor::cleanup(caf::exit_reason::user_shutdown, &backend_);
    });
    running_.reset();
    thread_.join();
  }
  backend_.thread_id(std::this_thread::get_id());  // what is left to do is done here
  middleman::stop();
}

caf::actor basp_of(caf::actor_system& system) { return system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP")); }

}  // namespace annals::net
