// A shop that takes orders in a thread of its own for as long as a test looks at what a sink makes of them.
#pragma once

#include "support/temporary_directory.hpp"

#include <annals/runtime.hpp>
#include <config/hosted.hpp>
#include <shop/delivery.hpp>
#include <shop/order.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

namespace connectors {

class running_shop {
public:
  running_shop() {
    annals::config::host_all(rt_).value();
    rt_.start().value();
    thread_ = std::thread{[this] { run(); }};
  }
  ~running_shop() { stop_taking(); }

  annals::runtime& rt() { return rt_; }
  std::filesystem::path store() const { return directory_ / "store"; }

  /// Orders are taken up to about this position, so that the sinks are never far behind. Throws what the shop's thread has
  /// thrown.
  void allow(annals::position until) {
    const std::lock_guard lock{mutex_};
    if (failed_) std::rethrow_exception(failed_);
    allowed_ = std::max(allowed_, until);
    changed_.notify_all();
  }

  /// Throws what the thread has thrown. Afterwards the log is complete.
  annals::token close_the_doors() {
    stop_taking();
    if (failed_) std::rethrow_exception(failed_);
    rt_.settle(std::chrono::minutes{4}).value();
    return rt_.head();
  }

private:
  void run() {
    try {
      for (int n = 0; may_go_on(); ++n) {
        if (n % 20 == 0) deliver("d" + std::to_string(n), n % 60 == 40 ? "credit_note" : "initial_stock");
        shop::place_order order{"customer-" + std::to_string(n % 4), n % 3 == 0 ? "France" : "Norway", {{"tea", 1 + n % 5, 250}}, 0, {}};
        if (n % 2 == 0) order.lines.push_back({"cup", 2, 999});
        if (n % 11 == 5) order.payment_limit_cents = 1;
        order.date = "2010-12-0" + std::to_string(1 + n / 50 % 9);
        (void)rt_.send<shop::order>("o" + std::to_string(n), order).get().value();
      }
    } catch (...) {
      const std::lock_guard lock{mutex_};
      failed_ = std::current_exception();
    }
  }
  bool may_go_on() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return stopped_ || rt_.head().at < allowed_; });
    return !stopped_;
  }
  void deliver(const std::string& key, const std::string& kind) {
    (void)rt_.send<shop::delivery>(key, shop::receive_delivery{kind, {{"tea", 50}, {"cup", 12}}, "2010-12-01"}).get().value();
  }
  void stop_taking() {
    {
      const std::lock_guard lock{mutex_};
      stopped_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  temporary_directory directory_;
  annals::runtime rt_ = annals::runtime::open(directory_ / "store").value();
  std::mutex mutex_;
  std::condition_variable changed_;
  annals::position allowed_ = 1'000;
  bool stopped_ = false;
  std::exception_ptr failed_;
  std::thread thread_;
};

}  // namespace connectors
