#include "connectors/redis/link.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

namespace annals::redis {
namespace {

struct free_command {
  void operator()(char* one) const { redisFreeSdsCommand(one); }
};

/// The value of a line `name:value` of INFO.
std::string_view value_of(std::string_view info, std::string_view name) {
  while (!info.empty()) {
    const auto end = info.find("\r\n");
    const auto line = info.substr(0, end);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':') return line.substr(name.size() + 1);
    if (end == std::string_view::npos) break;
    info.remove_prefix(end + 2);
  }
  return {};
}

}  // namespace

error unreachable(const char* how, std::string_view why) { return {errc::unreachable, how, std::string{why}}; }

std::vector<std::string_view> reply::texts_of(const redisReply& one) {
  std::vector<std::string_view> list;
  for (std::size_t i = 0; one.type == REDIS_REPLY_ARRAY && i < one.elements; ++i) list.push_back(text_of(*one.element[i]));
  return list;
}

std::vector<std::string_view> reply::texts(std::size_t at) const {
  if (of_->type != REDIS_REPLY_ARRAY || at >= of_->elements) return {};
  return texts_of(*of_->element[at]);
}

result<place> place_of(const std::string& address) {
  if (address.starts_with('/')) return place{address, 0};
  const error bad{errc::bad_option, "an address of Redis is HOST:PORT, [IPv6]:PORT or the path of a socket", address};
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) return bad;
  auto host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find_first_of("[]:") != std::string::npos)
    return bad;
  int port = 0;
  const auto* const end = address.data() + address.size();
  const auto read = std::from_chars(address.data() + colon + 1, end, port);
  if (read.ec != std::errc{} || read.ptr != end || port < 1 || port > 65'535) return bad;
  return place{std::move(host), port};
}

result<std::unique_ptr<link>> link::make(const options& with, const connectors::stopper& until) {
  auto at = place_of(with.address);
  if (!at) return std::move(at).error();
  std::unique_ptr<link> made{new link{until, with.time_out}};
  made->context_.reset(at->port == 0 ? redisConnectUnixNonBlock(at->host_or_path.c_str()) : redisConnectNonBlock(at->host_or_path.c_str(), at->port));
  if (!made->context_) return unreachable("no memory for a connection to Redis");
  if (made->context_->err != 0) return made->lost();
  if (auto ok = made->begin(with); !ok) return std::move(ok).error();
  return made;
}

result<void> link::begin(const options& with) {
  std::vector<std::vector<std::string_view>> first;
  if (!with.password.empty() && with.user.empty()) first.push_back({"AUTH", with.password});
  if (!with.password.empty() && !with.user.empty()) first.push_back({"AUTH", with.user, with.password});
  const auto database = std::to_string(with.database);
  if (with.database != 0) first.push_back({"SELECT", database});
  for (const auto& words : first) {
    auto answer = run(words);
    if (!answer) return std::move(answer).error();
    if (answer->is_error()) return unreachable("Redis refuses the connection", answer->text());
  }
  return check_eviction();
}

/// A user who may not ask is believed.
result<void> link::check_eviction() {
  auto info = run({"INFO", "memory"});
  if (!info) return std::move(info).error();
  if (info->is_error()) {
    const bool is_forbidden = info->text().starts_with("NOPERM");
    return is_forbidden ? result<void>{} : result<void>{unreachable("Redis cannot do it at present", info->text())};
  }
  const auto policy = value_of(info->text(), "maxmemory_policy");
  const auto limit = value_of(info->text(), "maxmemory");
  if (policy.starts_with("allkeys") && limit != "0")
    return unreachable("this Redis may throw away keys of a read model: its maxmemory-policy must be noeviction or volatile-…", policy);
  return {};
}

error link::lost() const {
  return unreachable("the connection to Redis is lost", context_->err != 0 ? context_->errstr : std::generic_category().message(errno));
}

result<void> link::wait(bool to_write, clock::time_point limit) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - clock::now());
  switch (until_.wait(context_->fd, to_write, std::max(left, std::chrono::milliseconds{0}))) {
    case connectors::stopper::ready::socket: return {};
    case connectors::stopper::ready::time_out: return unreachable("Redis does not answer in time");
    case connectors::stopper::ready::stopped: break;
  }
  return unreachable("the sink is being closed");
}

result<void> link::receive() {
  if (redisBufferRead(context_.get()) != REDIS_OK) return lost();
  return {};
}

result<void> link::send(std::string_view bytes, clock::time_point limit) {
  while (!bytes.empty()) {
    const auto sent = ::send(context_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    // Until it is connected there is nothing to read; a server that gives up answers before it has read everything.
    if (errno != EAGAIN && errno != EWOULDBLOCK) return lost();
    if (auto ok = wait(true, limit); !ok) return ok;
    char one = 0;
    const auto seen = ::recv(context_->fd, &one, 1, MSG_PEEK | MSG_DONTWAIT);
    if (seen == 0) return lost();
    if (seen > 0)
      if (auto ok = receive(); !ok) return ok;
  }
  return {};
}

result<reply> link::run(const std::vector<std::string_view>& words, const std::function<void()>& meanwhile) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  texts.reserve(words.size());
  sizes.reserve(words.size());
  for (const auto& word : words) {
    texts.push_back(word.empty() ? "" : word.data());
    sizes.push_back(word.size());
  }
  char* made = nullptr;
  const auto size = redisFormatSdsCommandArgv(&made, static_cast<int>(words.size()), texts.data(), sizes.data());
  if (size < 0) return unreachable("no memory for a command to Redis");
  const std::unique_ptr<char, free_command> command{made};
  const auto limit = clock::now() + time_out_;
  if (auto ok = send({made, static_cast<std::size_t>(size)}, limit); !ok) return std::move(ok).error();
  if (meanwhile) meanwhile();
  while (true) {
    void* found = nullptr;
    if (redisGetReplyFromReader(context_.get(), &found) != REDIS_OK) return lost();
    if (found) return reply{static_cast<redisReply*>(found)};
    if (auto ok = wait(false, limit); !ok) return std::move(ok).error();
    if (auto ok = receive(); !ok) return std::move(ok).error();
  }
}

}  // namespace annals::redis
