#include "ops/http/connection.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

namespace annals::ops {
namespace {

constexpr std::chrono::seconds stall_max{5};

/// Whether the line has this name, whatever the case; then `value` is what follows the colon.
bool has_name(std::string_view line, std::string_view name, std::string_view& value) {
  if (line.size() <= name.size() || line[name.size()] != ':') return false;
  for (std::size_t at = 0; at < name.size(); ++at)
    if ((line[at] | 0x20) != name[at]) return false;
  value = line.substr(name.size() + 1);
  while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
  while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
  return true;
}

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Waits until the socket is ready. False: the time is up, or the connection failed.
bool wait_for(int fd, short event, connection::clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - connection::clock::now());
    if (left.count() <= 0) return false;
    pollfd one{fd, event, 0};
    const auto ready = ::poll(&one, 1, static_cast<int>(left.count()));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

}  // namespace

connection::stage connection::advance() {
  for (;;) {
    switch (bytes_->read(buffer_)) {
      case progress::some:
        if (const auto now = after_reading(); now != stage::reading) return now;
        break;
      case progress::want_read: wants_write_ = false; return stage::reading;
      case progress::want_write: wants_write_ = true; return stage::reading;
      case progress::ended: return stage::ended;
    }
  }
}

connection::stage connection::after_reading() {
  if (head_end_ == 0) {
    const auto end = buffer_.find("\r\n\r\n");
    if (std::min(end, buffer_.size()) > head_bytes_max) return stage::too_large;
    if (end == std::string::npos) return stage::reading;
    head_end_ = end + 4;
    read_lengths();
  }
  return unread_body_ || buffer_.size() >= head_end_ + body_size_ ? stage::complete : stage::reading;
}

void connection::read_lengths() {
  bool found = false;
  auto rest = head();
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(line.size() + 2, rest.size()));
    std::string_view value;
    if (has_name(line, "transfer-encoding", value)) unread_body_ = true;
    if (!has_name(line, "content-length", value)) continue;
    const auto size = number(value);
    if (found || !size || *size > body_bytes_max) unread_body_ = true;
    found = true;
    body_size_ = size.value_or(0);
  }
}

std::string_view connection::body() const {
  if (unread_body_) return {};
  return std::string_view{buffer_}.substr(head_end_, body_size_);
}

bool connection::write(std::string_view text) {
  while (!text.empty() && !broken_) {
    switch (bytes_->write(text)) {
      case progress::some: break;
      case progress::want_read: broken_ = !wait_for(fd(), POLLIN, clock::now() + stall_max); break;
      case progress::want_write: broken_ = !wait_for(fd(), POLLOUT, clock::now() + stall_max); break;
      case progress::ended: broken_ = true;
    }
  }
  return !broken_;
}

void connection::offer(std::string_view text) {
  (void)bytes_->write(text);
  bytes_->finish();
}

void connection::finish() {
  if (broken_) return;
  bytes_->finish();
  if (!unread_body_) return;
  constexpr std::size_t most = 1 << 20;
  const auto until = clock::now() + std::chrono::milliseconds{250};
  std::string dropped;
  for (std::size_t read = 0; read < most && wait_for(fd(), POLLIN, until); read += dropped.size()) {
    dropped.clear();
    if (bytes_->read(dropped) == progress::ended) return;
  }
}

}  // namespace annals::ops
