#include "net/session/channel.hpp"

#include <algorithm>

namespace annals::net {

void channel::send(std::string_view frames) {
  constexpr auto part = message_bytes_max - seal_bytes;
  const std::lock_guard lock{mutex_};
  try {
    while (!frames.empty()) {
      std::string message;
      message.reserve(std::min(frames.size(), part) + seal_bytes);
      message.append(frames.substr(0, part));
      frames.remove_prefix(message.size());
      sealer_.seal(message);
      link_->send(std::move(message));
    }
  } catch (...) {
    link_->close();
    throw;
  }
}

void channel::send_message(std::string message) {
  const std::lock_guard lock{mutex_};
  sealer_.seal(message);
  link_->send(std::move(message));
}

result<void> channel::received(std::string_view message, const frame_reader::visitor& each) {
  const auto body = unsealer_.open(message);
  if (!body) return body.error();
  return incoming_.take(*body, each);
}

}  // namespace annals::net
