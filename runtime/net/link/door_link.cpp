// door_actor takes: strings from peers (a message, or empty: the peer has closed its end); own jobs: a peer is gone, a link was closed here,
// the door closes.  Sends: strings to peers.
//
// Invariants: an entry stays until its peer is gone, so a late message of a closed link never opens a new one. A link's owner hears
// opened, then received, then lost, once.
#include "net/link/door_link.hpp"

#include "net/link/caf_link.hpp"

#include <future>
#include <unordered_map>
#include <utility>
#include <vector>

namespace annals::net {
namespace {

class door_actor final : public link_actor {
public:
  door_actor(caf::actor_config& config, const wire_rules& rules, link_owner& owner, std::shared_ptr<std::promise<void>> ended)
      : link_actor(config, rules.counters), peers_(rules.peers), owner_(owner), ended_(std::move(ended)) {}

  caf::behavior make_behavior() override {
    return {[this](const std::string& message) { take(message); }, [](const own_job& job) { job.run(); }};
  }

  /// In its own turn: ends all links and itself.
  void end() {
    for (auto& [key, open] : links_) {
      if (!open) continue;
      open->say_closed();
      lose(open, closed_here());
    }
    links_.clear();
    quit();
  }

  void on_exit() override {
    links_.clear();
    ended_->set_value();
  }

private:
  using link_ptr = std::shared_ptr<caf_link>;
  using key = const caf::actor_control_block*;

  void take(const std::string& message) {
    const auto& peer = current_sender();
    if (!peer) {
      ++counters().foreign_messages;
      return;
    }
    auto found = links_.find(peer.get());
    if (found == links_.end()) {
      if (message.empty() || !open(peer)) return;
      found = links_.find(peer.get());
    }
    const auto link = found->second;
    if (!link || message.size() > message_bytes_max) {
      ++counters().foreign_messages;
      if (link) close(link, peer.get(), {errc::closed, "the link was closed, because the other node sent more than a message"});
    } else if (message.empty()) {
      close(link, peer.get(), closed_by_peer());
    } else if (!told([&] { owner_.received(link, message); })) {
      close(link, peer.get(), owner_failed());
    }
  }

  bool open(const caf::strong_actor_ptr& peer) {
    if (links_.size() >= links_max) {
      ++counters().refused_links;
      return false;
    }
    const key k = peer.get();
    const auto made = std::make_shared<caf_link>(caf::actor{this}, peer, peers_->find(peer->node()),
                                                 [this, k](const link_ptr& link) { close(link, k, closed_here()); });
    links_.emplace(k, made);
    made->over().has_link = true;
    // The peer is kept until it is gone: its place in the table is its address.
    when_gone(peer, [this, k, peer](const caf::error& why) {
      const auto found = links_.find(k);
      if (found == links_.end()) return;
      const auto link = std::move(found->second);
      links_.erase(found);
      if (link) lose(link, lost_because(why));
    });
    if (told([&] { owner_.opened(made); })) return true;
    ++counters().refused_links;
    close(made, k, owner_failed());
    return true;
  }

  void close(const link_ptr& link, key k, const error& why) {
    const auto found = links_.find(k);
    if (found == links_.end() || found->second != link) return;
    link->say_closed();
    found->second = nullptr;
    lose(link, why);
  }

  void lose(const link_ptr& link, const error& why) {
    link->detach();
    (void)told([&] { owner_.lost(link, why); });
  }

  std::shared_ptr<peer_table> peers_;
  link_owner& owner_;
  std::shared_ptr<std::promise<void>> ended_;
  std::unordered_map<key, link_ptr> links_;  // null: closed, and the peer is not gone yet
};

/// The connections that came in by a door, to be cut when it closes. Filled in the I/O thread.
struct accepted_list {
  std::mutex mutex;
  std::vector<std::shared_ptr<connection>> all;  // guarded
};

class open_door final : public published {
public:
  open_door(link_system& system, std::uint16_t port, link_owner& owner) : system_(system), port_(port) {
    auto ended = std::make_shared<std::promise<void>>();
    ended_ = ended->get_future();
    system.run([&] { actor_ = system.actors().spawn<door_actor>(system.rules(), owner, ended); });
  }

  ~open_door() override {
    if (!system_.is_in_its_process()) {
      (void)new caf::actor{std::move(actor_)};  // as ~link_system()
      return;
    }
    auto closed = std::make_shared<std::promise<void>>();
    auto unpublished = closed->get_future();
    link_actor::post(actor_, [this, closed] {
      auto* self = static_cast<door_actor*>(caf::actor_cast<caf::abstract_actor*>(actor_));
      const auto end = [self, closed] {
        self->end();
        closed->set_value();
      };
      self->request(system_.basp(), caf::infinite, caf::unpublish_atom::value, self->address(), port_)
          .then([=] { end(); }, [=](const caf::error&) { end(); });
    });
    unpublished.wait();
    ended_.wait();
    actor_ = nullptr;
    system_.wait_for_basp();  // has by now what the links have said last
    const std::lock_guard lock{accepted_->mutex};
    for (const auto& one : accepted_->all) one->cut_when_sent();
  }

  void listen(store::descriptor socket) {
    auto doorman = wire_doorman(system_.loop(), std::move(socket), system_.rules(), [list = accepted_](const std::shared_ptr<connection>& one) {
      const std::lock_guard lock{list->mutex};
      std::erase_if(list->all, [](const auto& each) { return each->is_gone(); });
      list->all.push_back(one);
    });
    caf::anon_send(system_.basp(), caf::publish_atom::value, std::move(doorman), port_, caf::actor_cast<caf::strong_actor_ptr>(actor_),
                   std::set<std::string>{});
  }

  std::uint16_t port() const override { return port_; }

  void cut_idle(std::chrono::milliseconds longest) override {
    const auto before = std::chrono::steady_clock::now() - longest;
    const std::lock_guard lock{accepted_->mutex};
    std::erase_if(accepted_->all, [](const auto& one) { return one->is_gone(); });
    for (const auto& one : accepted_->all) {
      if (one->has_link || one->since > before || one->is_idle.exchange(true)) continue;
      ++system_.rules().counters->silent;
      one->cut();
    }
  }

private:
  link_system& system_;
  std::uint16_t port_;
  std::shared_ptr<accepted_list> accepted_ = std::make_shared<accepted_list>();
  std::future<void> ended_;
  caf::actor actor_;
};

}  // namespace

result<std::unique_ptr<published>> door_link::publish(link_system& system, const std::string& host, std::uint16_t port, link_owner& owner) {
  if (!system.is_in_its_process()) return store::used_after_fork();
  auto listening = listen_on(host, port, !system.is_encrypted());
  if (!listening) return std::move(listening).error();
  auto made = std::make_unique<open_door>(system, listening->port, owner);
  made->listen(std::move(listening->socket));
  return std::unique_ptr<published>{std::move(made)};
}

}  // namespace annals::net
