// A Redis that the tests of this program share, on a socket in a directory of its own. It keeps nothing on disk.
#pragma once

#include "connectors/support/servers.hpp"

#include <hiredis.h>

#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace connectors {

class redis_server {
public:
  static redis_server& shared() {
    static redis_server one;
    return one;
  }
  explicit redis_server(std::vector<std::string> more = {}) : more_(std::move(more)) { start(); }

  std::string address() const { return (directory_.path() / "socket").string(); }

  /// The answer's text, number, or those of its elements as lines. Throws if it is an error.
  std::string ask(std::initializer_list<std::string> words) const {
    const std::unique_ptr<redisContext, decltype(&redisFree)> to{redisConnectUnix(address().c_str()), redisFree};
    if (!to || to->err != 0) throw std::runtime_error{"no connection to Redis"};
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const auto& word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    const std::unique_ptr<redisReply, decltype(&freeReplyObject)> answer{
        static_cast<redisReply*>(redisCommandArgv(to.get(), static_cast<int>(texts.size()), texts.data(), sizes.data())), freeReplyObject};
    if (!answer) throw std::runtime_error{"the connection to Redis is lost"};
    if (answer->type == REDIS_REPLY_ERROR) throw std::runtime_error{std::string{answer->str, answer->len}};
    return text_of(*answer);
  }

  /// At once: everything is lost.
  void stop() {
    running_->kill();
    running_.reset();
  }
  void start() {
    std::vector<std::string> arguments{program_of("redis-server"),
                                       "--dir",
                                       directory_.path().string(),
                                       "--port",
                                       "0",
                                       "--unixsocket",
                                       address(),
                                       "--unixsocketperm",
                                       "777",
                                       "--save",
                                       "",
                                       "--appendonly",
                                       "no",
                                       "--loglevel",
                                       "warning"};
    arguments.insert(arguments.end(), more_.begin(), more_.end());
    running_ = std::make_unique<server_process>(arguments, directory_.path());
    running_->wait_until([&] {
      try {
        return ask({"PING"}) == "PONG";
      } catch (const std::exception&) {
        return false;
      }
    });
  }
  /// Stopped, it takes connections and answers nothing.
  void signal(int which) { running_->signal(which); }

private:
  static std::string text_of(const redisReply& one) {
    if (one.type == REDIS_REPLY_INTEGER) return std::to_string(one.integer);
    if (one.type != REDIS_REPLY_ARRAY) return one.str ? std::string{one.str, one.len} : std::string{};
    std::string text;
    for (std::size_t i = 0; i < one.elements; ++i) text += text_of(*one.element[i]) + "\n";
    return text;
  }

  server_directory directory_;
  std::vector<std::string> more_;
  std::unique_ptr<server_process> running_;
};

}  // namespace connectors
