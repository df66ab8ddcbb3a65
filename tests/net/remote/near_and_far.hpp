// A runtime that listens, and handles of other nodes in the same process, over loopback.
#pragma once

#include "support/temporary_directory.hpp"
#include "support/wait_until.hpp"
#include "support/world.hpp"

#include <annals/keys.hpp>
#include <annals/remote.hpp>
#include <annals/runtime.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

struct near_and_far {
  temporary_directory place;
  std::string server_key, client_key;
  std::optional<annals::runtime> rt;
  std::optional<annals::listener> door;

  near_and_far() {
    server_key = annals::make_key_file(place.path / "server.key").value();
    client_key = annals::make_key_file(place.path / "client.key").value();
    write_peers("append = [\"*\"]\nread = [\"*\"]\nask = [\"*\"]\nreplay = [\"*\"]\noperate = [\"*\"]\n");
    open();
    listen().value();
  }

  void write_peers(const std::string& rights) {
    std::ofstream out{place.path / "peers.toml"};
    out << "[[peer]]\nname = \"shop-web\"\nkeys = [\"" << client_key << "\"]\n" << rights;
  }
  static annals::options quiet() {
    annals::options with;
    with.log_sink = [](annals::log_level, std::string_view) {};
    return with;
  }
  void open() {
    rt.emplace(annals::runtime::open(place.path / "store", quiet()).value());
    rt->host<world::counter>().value();
    rt->project<world::sums>().value();
    rt->start().value();
  }
  annals::listen_options listening(std::string at = "127.0.0.1:0") const {
    annals::listen_options with;
    with.at = std::move(at);
    with.name = "ledger";
    with.key = place.path / "server.key";
    with.peers = place.path / "peers.toml";
    return with;
  }
  annals::result<void> listen(std::string at = "127.0.0.1:0") {
    auto made = rt->listen(listening(std::move(at)));
    if (!made) return std::move(made).error();
    door.emplace(std::move(*made));
    return {};
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(door->port()); }
  annals::remote_options calling() const {
    annals::remote_options with;
    with.name = "shop-web";
    with.key = place.path / "client.key";
    with.server_keys = {server_key};
    return with;
  }
  annals::remote connect() const { return annals::remote::connect({address()}, calling()).value(); }
};
