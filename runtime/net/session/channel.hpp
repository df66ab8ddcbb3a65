// A link on which both ends have proven their names: it seals what goes out, opens what comes in, and cuts and joins the frames.
#pragma once

#include "net/identity/agreement.hpp"
#include "net/session/link.hpp"
#include "net/wire/frames.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace annals::net {

class channel {
public:
  channel(std::shared_ptr<link> over, direction_keys keys, std::size_t frame_bytes_max, large_frames then = large_frames::are_errors)
      : link_(std::move(over)), sealer_(std::move(keys.sending)), unsealer_(std::move(keys.receiving)), incoming_(frame_bytes_max, then) {}

  /// Sends whole frames. Thread-safe; bytes of one call stay together. If it throws (no memory, say), it has closed the link: what was to be
  /// sent is sent again on the next one.
  void send(std::string_view frames);
  /// Seals and sends one message that holds no frames: the end of the handshake.
  void send_message(std::string message);
  /// The same for one that came.
  result<std::string_view> open_message(std::string_view message) { return unsealer_.open(message); }
  /// Visits the frames that this message completes. For the link's thread alone. Errors: the message is not the peer's next one, or a
  /// frame is wrong; the link is of no more use then.
  result<void> received(std::string_view message, const frame_reader::visitor& each);
  void close() { link_->close(); }
  bool is_over(const link& one) const { return link_.get() == &one; }

private:
  const std::shared_ptr<link> link_;
  std::mutex mutex_;  // messages are sealed in the order in which they leave
  sealer sealer_;     // guarded
  unsealer unsealer_;
  frame_reader incoming_;
};

}  // namespace annals::net
