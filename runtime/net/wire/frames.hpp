// Frames: what both ends of a session say to each other after the handshake. The frames of one direction are one stream of bytes, which
// is cut into messages anywhere; so a frame may be longer than a message. frames.cpp has the grammar.
#pragma once

#include <annals/pending.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace annals::net {

enum class frame_kind : std::uint8_t {
  command = 1,     // caller: a command to an aggregate
  request = 2,     // caller: any other call
  confirm = 3,     // caller: has this many answers of the session
  resent_end = 4,  // caller: everything that an earlier process of the server may have taken has been sent again
  goodbye = 5,     // both: nothing new is taken or sent any more
  answer = 17,     // server: to a command or a request
};

/// A command on its way. The texts belong to whoever made it.
struct command_frame {
  std::uint64_t sequence = 0;
  bool is_resent = false;    // it may have been taken by an earlier process of the server
  bool has_made_id = false;  // the id is made of session and sequence number, and not sent
  std::optional<token> since = {};
  std::optional<version> expect = {};
  std::string_view category, key, name, id, correlation, causation, principal;
  std::string_view body;
};

struct request_frame {
  std::uint64_t sequence = 0;
  std::uint8_t call = 0;  // see calls.hpp
  std::string_view body;
};

struct answer_frame {
  std::uint64_t sequence = 0;
  detail::outcome given = detail::answered{};
};

/// These append one frame. A text longer than text_bytes_max is cut: the caller has checked.
void put(std::string& out, const command_frame& f);
void put(std::string& out, const request_frame& f);
void put(std::string& out, const answer_frame& f);
void put_confirm(std::string& out, std::uint64_t answers);
void put_resent_end(std::string& out);
void put_goodbye(std::string& out, std::uint64_t last_taken);
/// Changes a command frame that put() made into one that is sent again to another process of the server.
void mark_resent(std::string& frame);

/// Of a frame that put() made.
std::string_view payload_of(std::string_view frame);
/// Read what put() wrote. Errors: undecodable.
result<command_frame> read_command(std::string_view payload);
result<request_frame> read_request(std::string_view payload);
result<answer_frame> read_answer(std::string_view payload);
/// Of confirm and goodbye.
result<std::uint64_t> read_number(std::string_view payload);

/// Puts the frames of one direction together again.
class frame_reader {
public:
  /// `frame_bytes_max`: of one frame without its length; a longer one is refused before memory is taken for it.
  explicit frame_reader(std::size_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}

  using visitor = std::function<result<void>(frame_kind, std::string_view payload)>;
  /// Visits each frame that these bytes complete, up to the first error, which is returned. Errors: too_large, undecodable. After an
  /// error the reader is unusable.
  result<void> take(std::string_view bytes, const visitor& each);
  /// Memory that an incomplete frame occupies.
  std::size_t buffered() const { return partial_.size(); }

private:
  /// The size of the first frame with its length; 0 if that is not known yet.
  result<std::size_t> size_of_first(std::string_view bytes) const;

  const std::size_t frame_bytes_max_;
  std::string partial_;
};

}  // namespace annals::net
