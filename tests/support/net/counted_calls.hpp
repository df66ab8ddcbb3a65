// Counts the commands of other nodes that a node answers: by its engine, or before they get there.
#pragma once

#include "net/door/served_calls.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

class counted_calls final : public annals::net::session_calls {
  using session = std::shared_ptr<annals::net::served_session>;
  using call = annals::net::taken_call;

public:
  explicit counted_calls(annals::net::served_calls& to) : to_(to) {}

  std::size_t commands() const { return commands_; }
  /// What resent() posts: those commands are answered when it runs.
  std::function<void()> counted(std::function<void()> what) {
    return [this, resent = std::exchange(resent_, 0), what = std::move(what)] {
      commands_ += resent;
      what();
    };
  }

  void command(const session& of, const call& taken, const annals::net::command_frame& what) override {
    ++commands_;
    to_.command(of, taken, what);
  }
  void refused(const annals::net::command_frame& what, annals::errc why) override {
    ++commands_;
    to_.refused(what, why);
  }
  void request(const session& of, const call& taken, const annals::net::request_frame& what) override { to_.request(of, taken, what); }
  void resent(const session& of, std::vector<resent_command> all) override {
    resent_ = all.size();
    to_.resent(of, std::move(all));
  }
  bool is_delivery(std::uint8_t c) const override { return to_.is_delivery(c); }
  void ended(const annals::net::served_session& of) override { to_.ended(of); }

private:
  annals::net::served_calls& to_;
  std::size_t commands_ = 0;
  std::size_t resent_ = 0;
};
