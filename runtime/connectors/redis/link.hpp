// A connection to Redis that ends its waits when it is told to stop. hiredis connects, writes the protocol and reads it; what goes out is sent
// here, because hiredis sends so that a lost connection is a SIGPIPE, which ends the process of a host that does not expect it.
#pragma once

#include "connectors/sink/stopper.hpp"

#include <annals/redis.hpp>
#include <annals/result.hpp>

#include <hiredis.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace annals::redis {

struct free_reply {
  void operator()(redisReply* one) const { freeReplyObject(one); }
};
struct free_context {
  void operator()(redisContext* one) const { redisFree(one); }
};

class reply {
public:
  explicit reply(redisReply* of) : of_(of) {}

  bool is_error() const { return of_->type == REDIS_REPLY_ERROR; }
  bool is_nothing() const { return of_->type == REDIS_REPLY_NIL; }
  std::string_view text() const { return text_of(*of_); }
  /// The texts of an array, and of the arrays in it.
  std::vector<std::string_view> texts() const { return texts_of(*of_); }
  std::vector<std::string_view> texts(std::size_t at) const;

private:
  static std::string_view text_of(const redisReply& one) { return one.str ? std::string_view{one.str, one.len} : std::string_view{}; }
  static std::vector<std::string_view> texts_of(const redisReply& one);

  std::unique_ptr<redisReply, free_reply> of_;
};

/// HOST:PORT, [IPv6]:PORT or a path. Errors: bad_option.
struct place {
  std::string host_or_path;
  int port = 0;  ///< 0: a path
};
result<place> place_of(const std::string& address);

class link {
public:
  /// Connects, says who it is, and looks whether the server may throw away what it is given. Errors: unreachable.
  static result<std::unique_ptr<link>> make(const options& with, const connectors::stopper& until);

  /// Errors: unreachable; then the link is of no more use, and whether the command has taken effect is not known. What the server answers
  /// with an error is a reply.
  /// `meanwhile` runs after the command was sent.
  result<reply> run(const std::vector<std::string_view>& words, const std::function<void()>& meanwhile = {});

private:
  using clock = std::chrono::steady_clock;

  link(const connectors::stopper& until, std::chrono::milliseconds time_out) : until_(until), time_out_(time_out) {}
  result<void> begin(const options& with);
  result<void> check_eviction();
  result<void> send(std::string_view bytes, clock::time_point limit);
  result<void> receive();
  result<void> wait(bool to_write, clock::time_point limit);
  error lost() const;

  const connectors::stopper& until_;
  std::chrono::milliseconds time_out_;
  std::unique_ptr<redisContext, free_context> context_;
};

error unreachable(const char* how, std::string_view why = {});

}  // namespace annals::redis
