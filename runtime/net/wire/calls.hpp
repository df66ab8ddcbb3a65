// The calls of a peer beside commands: what is asked, and what the answer holds, as described structs in msgpack (annals/codec.hpp). A
// field may be added, with a default; a call keeps its number for ever.
#pragma once

#include <annals/codec.hpp>
#include <annals/describe.hpp>
#include <annals/parked.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals::net {

enum class call : std::uint8_t {
  ask = 1,             // ask_call → the encoded answer
  stream = 2,          // stream_call → records
  state = 3,           // state_call → state_answer
  log = 4,             // log_call → records
  head = 5,            // nothing → a receipt with the token
  health = 6,          // nothing → health_answer
  parked = 7,          // owner_call → parked_answer
  retry_parked = 8,    // position_call → a receipt with the position
  skip_parked = 9,     // position_call → the same
  rebuild = 10,        // owner_call → the same
  subscribe = 11,      // subscribe_call → member_call
  next = 12,           // next_call → records, each with its attempt
  ack = 13,            // ack_call → nothing
  nack = 14,           // nack_call → nothing
  resolve = 15,        // resolve_call → nothing
  member_parked = 16,  // member_call → parked_answer
  leave = 17,          // member_call → nothing
  statistics = 18,     // nothing → store_stats (annals/statistics.hpp)
  source = 19,         // nothing → source_answer: copy_calls.hpp
  pull = 20,           // pull_call → pull_answer
};
inline constexpr std::array calls{call::ask,          call::stream,        call::state,   call::log,        call::head,   call::health, call::parked,
                                  call::retry_parked, call::skip_parked,   call::rebuild, call::subscribe,  call::next,   call::ack,    call::nack,
                                  call::resolve,      call::member_parked, call::leave,   call::statistics, call::source, call::pull};

/// As written above; "unknown" for a number that is no call.
std::string_view to_string(call c);
/// Whether it is a call of a subscription or a replica, which have credit of their own.
constexpr bool is_delivery(call c) { return (c >= call::subscribe && c <= call::leave) || c == call::pull; }
/// Whether a call that is made while the node closes waits for its next life. All others are answered `closed`.
constexpr bool waits_for_next_life(call c) { return c == call::subscribe || c == call::next; }

struct nothing_call {
  static constexpr auto about = annals::describe("nothing", 1);
};

struct ask_call {
  std::string projection;
  std::string query;
  std::string body;
  std::optional<std::uint64_t> history;  // of the token that the model has to reach, with at and time_out_ms
  std::uint64_t at = 0;
  std::int64_t time_out_ms = 0;
  std::uint64_t answer_bytes_max = 0;  // beyond it: too_large
  static constexpr auto about = annals::describe<&ask_call::projection, &ask_call::query, &ask_call::body, &ask_call::history, &ask_call::at,
                                                 &ask_call::time_out_ms, &ask_call::answer_bytes_max>("ask", 1);
};

struct stream_call {
  std::string stream;
  std::uint64_t from = 1;
  std::uint64_t max = 0;
  static constexpr auto about = annals::describe<&stream_call::stream, &stream_call::from, &stream_call::max>("stream", 1);
};

struct state_call {
  std::string category;
  std::string key;
  std::optional<std::uint64_t> version;
  std::optional<std::uint64_t> position;
  std::optional<std::int64_t> time;
  static constexpr auto about =
      annals::describe<&state_call::category, &state_call::key, &state_call::version, &state_call::position, &state_call::time>("state", 1);
};
struct state_answer {
  std::string state;  // encoded
  std::uint64_t version = 0;
  std::uint64_t at = 0;
  std::int64_t time = 0;
  static constexpr auto about =
      annals::describe<&state_answer::state, &state_answer::version, &state_answer::at, &state_answer::time>("state_answer", 1);
};

struct log_call {
  std::uint64_t from = 1;
  std::uint64_t max = 0;
  static constexpr auto about = annals::describe<&log_call::from, &log_call::max>("log", 1);
};

struct error_text {
  std::uint16_t code = 0;
  std::string reason;
  std::string detail;
  std::uint64_t place = 0;
  static constexpr auto about = annals::describe<&error_text::code, &error_text::reason, &error_text::detail, &error_text::place>("error", 1);
};
struct follower_answer {
  std::string name;
  std::uint64_t at = 0;
  std::uint64_t under_way = 0;
  std::optional<error_text> stopped;
  std::uint64_t parked = 0;
  std::optional<std::uint64_t> rebuilt_to;
  std::uint64_t held = 0;
  static constexpr auto about = annals::describe<&follower_answer::name, &follower_answer::at, &follower_answer::under_way, &follower_answer::stopped,
                                                 &follower_answer::parked, &follower_answer::rebuilt_to, &follower_answer::held>("follower", 1);
};
struct subscription_answer {
  std::string name;
  std::uint64_t at = 0;
  std::uint64_t members = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t parked = 0;
  std::optional<error_text> stopped;
  static constexpr auto about =
      annals::describe<&subscription_answer::name, &subscription_answer::at, &subscription_answer::members, &subscription_answer::in_flight,
                       &subscription_answer::parked, &subscription_answer::stopped>("subscription", 1);
};
struct health_answer {
  std::uint64_t durable = 0;
  std::uint64_t readable = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t aggregates_resident = 0;
  std::uint64_t commits = 0;
  bool storage_full = false;
  std::optional<error_text> journal_stopped;
  std::vector<follower_answer> projections;
  std::vector<follower_answer> processes;
  std::vector<subscription_answer> subscriptions;
  static constexpr auto about =
      annals::describe<&health_answer::durable, &health_answer::readable, &health_answer::in_flight, &health_answer::aggregates_resident,
                       &health_answer::commits, &health_answer::storage_full, &health_answer::journal_stopped, &health_answer::projections,
                       &health_answer::processes, &health_answer::subscriptions>("health", 1);
};

struct owner_call {
  std::string name;
  static constexpr auto about = annals::describe<&owner_call::name>("owner", 1);
};
struct position_call {
  std::string name;
  std::uint64_t at = 0;
  static constexpr auto about = annals::describe<&position_call::name, &position_call::at>("position", 1);
};
struct parked_answer {
  std::vector<parked_event> events;
  static constexpr auto about = annals::describe<&parked_answer::events>("parked", 1);
};

struct subscribe_call {
  std::string name;
  std::uint64_t from = 1;
  bool reset = false;
  std::vector<std::string> categories;
  std::vector<std::string> types;
  std::uint64_t in_flight_max = 256;
  std::uint64_t open_max = 16'384;
  std::int64_t ack_time_out_ms = 30'000;
  std::uint32_t attempts = 5;
  std::int64_t first_pause_ms = 100;
  std::uint8_t then = 0;
  std::uint64_t parked_max = 10'000;
  static constexpr auto about =
      annals::describe<&subscribe_call::name, &subscribe_call::from, &subscribe_call::reset, &subscribe_call::categories, &subscribe_call::types,
                       &subscribe_call::in_flight_max, &subscribe_call::open_max, &subscribe_call::ack_time_out_ms, &subscribe_call::attempts,
                       &subscribe_call::first_pause_ms, &subscribe_call::then, &subscribe_call::parked_max>("subscribe", 1);
};
struct member_call {
  std::uint64_t member = 0;
  static constexpr auto about = annals::describe<&member_call::member>("member", 1);
};
constexpr std::chrono::milliseconds longest_next{60'000};  // that this call waits
struct next_call {
  std::uint64_t member = 0;
  std::uint64_t max = 1;
  std::int64_t time_out_ms = 0;
  static constexpr auto about = annals::describe<&next_call::member, &next_call::max, &next_call::time_out_ms>("next", 1);
};
/// The numbers of a node's members begin at a random multiple of this, so a number of an earlier life of the node names no member of this one.
inline constexpr std::uint64_t members_of_one_life = std::uint64_t{1} << 31;
/// The life of the node in which it gave a member this number; 0 if the node does not say.
constexpr std::uint64_t life_of_member(std::uint64_t number) { return number / members_of_one_life; }
struct ack_call {
  std::uint64_t member = 0;
  std::vector<std::uint64_t> positions;
  static constexpr auto about = annals::describe<&ack_call::member, &ack_call::positions>("ack", 1);
};
struct nack_call {
  std::uint64_t member = 0;
  std::uint64_t at = 0;
  std::string why;
  static constexpr auto about = annals::describe<&nack_call::member, &nack_call::at, &nack_call::why>("nack", 1);
};
struct resolve_call {
  std::uint64_t member = 0;
  std::uint64_t at = 0;
  bool is_retry = false;
  static constexpr auto about = annals::describe<&resolve_call::member, &resolve_call::at, &resolve_call::is_retry>("resolve", 1);
};

}  // namespace annals::net
