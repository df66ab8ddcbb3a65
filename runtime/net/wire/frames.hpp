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

/// The largest body of a command or a request: no node can be opened with a larger command_bytes_max.
inline constexpr std::size_t call_bytes_max = std::size_t{16} << 20;

/// A command on its way. The caller owns the texts.
struct command_frame {
  std::uint64_t sequence = 0;
  bool is_resent = false;    // it may have been taken by an earlier process of the server
  bool has_made_id = false;  // the id is made of session and sequence number, and not sent
  std::optional<token> since = {};
  std::optional<version> expect = {};
  std::string_view category, key, name, id, correlation, causation, principal;
  std::string_view trace;  // as send_options::trace; empty: none
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

/// What a reader does with a frame that is too large. A caller passes over an answer, which otherwise would end each link on which it comes
/// again.
enum class large_frames : bool { are_errors, are_passed_over };

/// Puts the frames of one direction together again.
class frame_reader {
public:
  /// `frame_bytes_max`: of one frame without its length; no memory is taken for a longer one. If it is an answer that is passed over, the
  /// error too_large is visited in its place.
  explicit frame_reader(std::size_t frame_bytes_max, large_frames then = large_frames::are_errors) : frame_bytes_max_(frame_bytes_max), then_(then) {}

  using visitor = std::function<result<void>(frame_kind, std::string_view payload)>;
  /// Visits each frame that these bytes complete, up to the first error, which is returned. Errors: too_large, undecodable. After an
  /// error the reader is unusable.
  result<void> take(std::string_view bytes, const visitor& each);
  /// Memory that an incomplete frame occupies.
  std::size_t buffered() const { return partial_.size(); }

private:
  /// The size of the first frame with its length; 0 if that is not known yet. Of a frame to be passed over: up to its sequence number.
  result<std::size_t> size_of_first(std::string_view bytes) const;
  result<void> begin_passing_over(std::string_view first);
  /// Whether all of it has passed.
  bool pass_over(std::string_view& bytes);
  result<void> visit_too_large(const visitor& each);

  const std::size_t frame_bytes_max_;
  const large_frames then_;
  std::string partial_;
  struct large_answer {
    std::uint64_t sequence, bytes, left;
  };
  std::optional<large_answer> passing_;
};

}  // namespace annals::net
