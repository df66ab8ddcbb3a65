#include "actors/dead_letters/parked_notices.hpp"

#include <spdlog/logger.h>

namespace annals::actors {

parked_notices::parked_notices(const environment& env, std::string owner, std::set<position> before)
    : env_(&env), owner_(std::move(owner)), reported_(std::move(before)) {
  if (reported_.empty()) return;
  env.logger->info("{}: an earlier run has parked {} events, the first at position {}", owner_, reported_.size(), *reported_.begin());
}

void parked_notices::follow(const parked_events& now) {
  auto tried = now.tried();
  for (const auto at : last_)
    if (!tried.contains(at)) reported_.erase(at);
  std::vector<position> fresh;
  for (const auto at : tried)
    if (reported_.insert(at).second) fresh.push_back(at);
  last_ = std::move(tried);
  if (fresh.empty()) return;
  auto read = env_->log->read_durable_at(fresh, [&](const record_view& record) {
    const auto& one = *now.find(record.at);
    env_->report({owner_, one.at, one.stream, std::string{record.type}, one.error, one.attempts});
    return true;
  });
  if (!read) env_->logger->warn("{}: the parked events cannot be read: {}", owner_, read.error().message());
}

}  // namespace annals::actors
