// dialed_actor, one for each dial, takes: strings from the door (a message, or empty: the door has closed its end); own jobs: the
// connection is made or failed, the door is gone, the link was closed here, the dialer goes.  Asks CAF's broker for the door; sends strings
// to it.
//
// Invariants: an actor has one link at most and ends with it, so a late message of an old link finds nobody. CAF's own way to connect is not
// used: it hands out what it has kept from an earlier connection, dead or not, and waits without a bound.
#include "net/link/dialer.hpp"

#include "actors/host/system_thread.hpp"
#include "net/link/caf_link.hpp"

#include <condition_variable>
#include <deque>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace annals::net {
namespace {

/// How long a link that was closed here waits until the door has closed its end, too. Then the connection is cut: it is dead.
constexpr std::chrono::seconds answer_wait{1};

/// Counts the actors of a dialer that have not ended.
struct living {
  std::mutex mutex;
  std::condition_variable changed;
  std::set<caf::actor> all;  // guarded
};

class dialed_actor final : public link_actor {
public:
  dialed_actor(caf::actor_config& config, link_system& system, link_owner& owner, std::shared_ptr<living> others)
      : link_actor(config, system.rules().counters), system_(system), owner_(owner), others_(std::move(others)) {}

  caf::behavior make_behavior() override {
    return {[this](const std::string& message) { take(message); }, [](const own_job& job) { job.run(); }};
  }

  void on_exit() override {
    if (link_) link_->detach();
    link_ = nullptr;
    door_ = nullptr;
    {
      const std::lock_guard lock{others_->mutex};
      others_->all.erase(caf::actor{this});
      others_->changed.notify_all();
    }
  }

  // In its own turn.

  void failed(const error& why) {
    if (is_decided_) return;
    is_decided_ = true;
    (void)told([&] { owner_.lost(nullptr, why); });
    quit();
  }

  void ask_for_door(const caf::io::scribe_ptr& wire, const std::shared_ptr<connection>& over, const std::string& host, std::uint16_t port) {
    over_ = over;
    const auto text = address_text(host, port);
    request(system_.basp(), caf::duration{system_.options().time_out}, caf::connect_atom::value, wire, port)
        .then([this, text](const caf::node_id& node, const caf::strong_actor_ptr& door, const std::set<std::string>&) { found(node, door, text); },
              [this, text](const caf::error& why) {
                over_->cut();
                if (why == caf::sec::request_timeout || why == caf::sec::connection_timeout)
                  return failed({errc::timed_out, "no answer in time", text});
                failed({errc::unreachable, "what listens there is no door of annals, or has closed", text});
              });
  }

  /// The dialer goes.
  void end() {
    if (link_ && !is_lost_) {
      link_->say_closed();
      lose(closed_here());
    }
    if (over_ && !link_) over_->cut();
    failed({errc::closed, "the dialer was closed"});
    quit();
  }

private:
  void found(const caf::node_id& node, const caf::strong_actor_ptr& door, const std::string& text) {
    if (is_decided_) return;
    if (!door) return failed({errc::unreachable, "the door there has closed", text});
    is_decided_ = true;
    door_ = door;
    // CAF may have gone on with an older connection to the same node.
    system_.rules().peers->put(node, over_);
    over_ = system_.rules().peers->find(node);
    link_ = std::make_shared<caf_link>(caf::actor{this}, door, over_, [this](const auto&) { closed(closed_here()); });
    when_gone(door, [this](const caf::error& why) {
      if (!is_lost_) lose(lost_because(why));
      quit();
    });
    if (!told([&] { owner_.opened(link_); })) closed(owner_failed());
  }

  void take(const std::string& message) {
    if (!door_ || current_sender() != door_) {
      ++counters().foreign_messages;
    } else if (message.empty()) {
      if (!is_lost_) lose(closed_by_peer());
      quit();
    } else if (is_lost_) {
      return;  // on its way when the link was closed here
    } else if (message.size() > message_bytes_max) {
      ++counters().foreign_messages;
      closed({errc::closed, "the link was closed, because the other node sent more than a message"});
    } else if (!told([&] { owner_.received(link_, message); })) {
      closed(owner_failed());
    }
  }

  void closed(const error& why) {
    if (is_lost_) return;
    link_->say_closed();
    lose(why);
    caf::delayed_anon_send(caf::actor{this}, answer_wait, own_job{[this, self = caf::actor{this}] {
                             over_->cut();
                             quit();
                           }});
  }

  void lose(const error& why) {
    is_lost_ = true;
    link_->detach();
    (void)told([&] { owner_.lost(link_, why); });
  }

  link_system& system_;
  link_owner& owner_;
  std::shared_ptr<living> others_;
  std::shared_ptr<connection> over_;
  caf::strong_actor_ptr door_;
  std::shared_ptr<caf_link> link_;
  bool is_decided_ = false;  // the owner knows how the dial ended
  bool is_lost_ = false;
};

/// Runs `what` with the actor, in its turn.
template <class What>
void in_turn(const caf::actor& to, What what) {
  link_actor::post(to, [to, what = std::move(what)] { what(*static_cast<dialed_actor*>(caf::actor_cast<caf::abstract_actor*>(to))); });
}

}  // namespace

struct dialer::inside {
  inside(link_system& s, link_owner& o) : system(s), owner(o) {}

  void work() {
    block_signals_of_writes();
    for (std::unique_lock lock{mutex};;) {
      changed.wait(lock, [&] { return ends || !waiting.empty(); });
      if (waiting.empty()) return;
      auto [host, port] = std::move(waiting.front());
      waiting.pop_front();
      lock.unlock();
      try {
        dial(host, port);
      } catch (...) {  // no memory, say: the owner gives this dial up after its time, and dials again
      }
      lock.lock();
    }
  }

  void dial(const std::string& host, std::uint16_t port) {
    caf::actor made;
    system.run([&] { made = system.actors().spawn<dialed_actor>(system, owner, others); });
    {
      const std::lock_guard lock{others->mutex};
      others->all.insert(made);
    }
    const auto context = system.tls();
    auto connected = connect_to(host, port, context.get(), std::chrono::steady_clock::now() + system.options().time_out, stop);
    if (!connected) {
      in_turn(made, [why = std::move(connected).error()](dialed_actor& self) { self.failed(why); });
      return;
    }
    std::shared_ptr<connection> over;
    auto wire = dialed_wire(system.loop(), std::move(connected).value(), system.rules(), over);
    in_turn(made, [=](dialed_actor& self) { self.ask_for_door(wire, over, host, port); });
  }

  link_system& system;
  link_owner& owner;
  const std::shared_ptr<living> others = std::make_shared<living>();
  interruption stop;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::pair<std::string, std::uint16_t>> waiting;  // guarded
  bool ends = false;                                          // guarded
  std::thread thread;
};

dialer::dialer(std::shared_ptr<inside> in) : in_(std::move(in)) {}

result<std::unique_ptr<dialer>> dialer::start(link_system& system, link_owner& owner) {
  if (!system.is_in_its_process()) return store::used_after_fork();
  auto in = std::make_shared<inside>(system, owner);
  try {
    in->thread = std::thread{[in = in.get()] { in->work(); }};
  } catch (const std::system_error& why) {
    return actors::no_threads(why);
  }
  return std::unique_ptr<dialer>{new dialer{std::move(in)}};
}

void dialer::dial(std::string host, std::uint16_t port) {
  if (!in_->system.is_in_its_process()) return;
  const std::lock_guard lock{in_->mutex};
  in_->waiting.emplace_back(std::move(host), port);
  in_->changed.notify_one();
}

dialer::~dialer() {
  if (!in_->system.is_in_its_process()) {
    (void)new std::shared_ptr<inside>{std::move(in_)};  // as ~link_system()
    return;
  }
  in_->stop.set();
  {
    const std::lock_guard lock{in_->mutex};
    in_->ends = true;
    in_->changed.notify_one();
  }
  in_->thread.join();
  std::unique_lock lock{in_->others->mutex};
  for (const auto& one : in_->others->all) in_turn(one, [](dialed_actor& self) { self.end(); });
  in_->others->changed.wait(lock, [&] { return in_->others->all.empty(); });
}

}  // namespace annals::net
