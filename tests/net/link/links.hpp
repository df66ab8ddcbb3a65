// Nodes for the tests of links: each has a link system of its own in this process.
#pragma once

#include "net/link/dialer.hpp"
#include "net/link/door_link.hpp"
#include "net/link/link_system.hpp"
#include "support/wait_until.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace links {

using annals::errc;
using annals::error;
using annals::link_options;

/// Writes down what it is told.
class recorder : public annals::net::link_owner {
public:
  using link_ptr = std::shared_ptr<annals::net::link>;

  void opened(const link_ptr& l) override {
    const std::lock_guard lock{mutex_};
    open_.push_back(l);
  }
  void received(const link_ptr& l, std::string_view message) override {
    {
      const std::lock_guard lock{mutex_};
      received_[l].emplace_back(message);
    }
    if (on_message) on_message(l, message);
  }
  void lost(const link_ptr& l, const error& why) override {
    const std::lock_guard lock{mutex_};
    lost_.emplace_back(l, why);
  }

  std::function<void(const link_ptr&, std::string_view)> on_message;

  std::vector<link_ptr> open() const { return (std::lock_guard{mutex_}, open_); }
  std::vector<std::pair<link_ptr, error>> losses() const { return (std::lock_guard{mutex_}, lost_); }
  std::vector<std::string> messages(const link_ptr& l) const {
    const std::lock_guard lock{mutex_};
    const auto found = received_.find(l);
    return found == received_.end() ? std::vector<std::string>{} : found->second;
  }
  std::size_t count(const link_ptr& l) const {
    const std::lock_guard lock{mutex_};
    const auto found = received_.find(l);
    return found == received_.end() ? 0 : found->second.size();
  }

  link_ptr wait_for_link(std::size_t number = 1) const {
    wait_until([&] { return open().size() >= number || !losses().empty(); });
    if (open().size() < number) BOOST_FAIL("no link: " + losses().back().second.message());
    return open()[number - 1];
  }
  error wait_for_loss(std::size_t number = 1) const {
    wait_until([&] { return losses().size() >= number; });
    return losses()[number - 1].second;
  }

private:
  mutable std::mutex mutex_;
  std::vector<link_ptr> open_;
  std::map<link_ptr, std::vector<std::string>> received_;
  std::vector<std::pair<link_ptr, error>> lost_;
};

inline link_options quick() {
  link_options o;
  o.heartbeat = std::chrono::milliseconds{500};
  return o;
}

/// A node that listens on a port of the system's choice and sends everything back.
struct server {
  explicit server(const link_options& o = quick(), const std::string& host = "127.0.0.1", std::uint16_t port = 0)
      : system(annals::net::link_system::open(o).value()) {
    owner.on_message = [](const auto& l, std::string_view m) { l->send(std::string{m}); };
    door = annals::net::door_link::publish(*system, host, port, owner).value();
  }
  std::uint16_t port() const { return door->port(); }

  recorder owner;
  std::unique_ptr<annals::net::link_system> system;
  std::unique_ptr<annals::net::published> door;
};

struct client {
  explicit client(const link_options& o = quick())
      : system(annals::net::link_system::open(o).value()), dialer(annals::net::dialer::start(*system, owner).value()) {}
  void dial(std::uint16_t port, const std::string& host = "127.0.0.1") { dialer->dial(host, port); }

  recorder owner;
  std::unique_ptr<annals::net::link_system> system;
  std::unique_ptr<annals::net::dialer> dialer;
};

/// Whether this link carries a message there and back.
inline bool echoes(const recorder& owner, const std::shared_ptr<annals::net::link>& l, const std::string& text = "there and back") {
  const auto before = owner.count(l);
  l->send(text);
  wait_until([&] { return owner.count(l) > before || !owner.losses().empty(); });
  return owner.count(l) > before && owner.messages(l).back() == text;
}

}  // namespace links
