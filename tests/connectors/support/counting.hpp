// A runtime with counters, and what the log says their sums are.
#pragma once

#include "support/temporary_directory.hpp"
#include "support/world.hpp"

#include <annals/fold.hpp>
#include <annals/runtime.hpp>
#include <annals/sink.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

namespace connectors {

inline constexpr std::chrono::minutes long_enough{4};

class counting {
public:
  counting() {
    rt().host<world::counter>().value();
    rt().start().value();
  }
  annals::runtime& rt() { return rt_; }

  annals::token add(const std::string& key, std::int64_t amount) { return rt().send<world::counter>(key, world::add{amount}).get().value().token; }
  annals::token note(const std::string& key, const std::string& text) {
    return rt().send<world::counter>(key, world::note{text}).get().value().token;
  }
  /// So many over 40 counters.
  annals::token add_many(int count) {
    std::vector<annals::pending<annals::receipt>> all;
    for (int n = 0; n < count; ++n) all.push_back(rt().send<world::counter>("c" + std::to_string(n % 40), world::add{n}));
    annals::token last;
    for (auto& one : all)
      if (const auto t = one.get().value().token; t.at > last.at) last = t;
    return last;
  }

  /// Lines "key|sum", by key.
  std::string sums() {
    world::sums::model model;
    annals::fold<world::sums>(rt().view(), model).value();
    std::string text;
    for (const auto& [key, sum] : model.by_key) text += key + "|" + std::to_string(sum) + "\n";
    return text;
  }

private:
  temporary_directory directory_;
  annals::runtime rt_ = annals::runtime::open(directory_ / "store").value();
};

inline annals::result<void> reach(const annals::sink& one, annals::token at) { return one.wait_for(at, long_enough); }

}  // namespace connectors
