#include "net/processes/raw_peer.hpp"

#include "net/wire/calls.hpp"
#include "support/world.hpp"

#include <annals/codec.hpp>

#include <cstdio>
#include <iterator>
#include <random>
#include <vector>

using namespace annals::net;

namespace {

class mutations {
public:
  explicit mutations(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }

  /// Changes it in one to four places.
  void change(std::string& bytes, const std::string& other) {
    for (auto times = 1 + below(4); times > 0; --times) {
      const auto at = below(bytes.size() + 1);
      switch (below(7)) {
        case 0:
          if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
          break;
        case 1:
          if (at < bytes.size()) bytes[at] = static_cast<char>(random_());
          break;
        case 2: bytes.resize(at); break;
        case 3: bytes.insert(at, other.substr(below(other.size()))); break;
        case 4: bytes.erase(at, 1 + below(8)); break;
        case 5: bytes.insert(at, 1 + below(64), static_cast<char>(random_())); break;
        default: extreme(bytes, at);
      }
      if (bytes.size() > limit) bytes.resize(limit);
    }
  }
  template <class All>
  const auto& one_of(const All& all) {
    return all[below(std::size(all))];
  }

private:
  static constexpr std::size_t limit = 60'000;

  /// Lengths and numbers are little-endian or msgpack's: the largest and the smallest in their place.
  void extreme(std::string& bytes, std::size_t at) {
    constexpr std::size_t widths[]{1, 2, 4, 8};
    const auto width = std::min(one_of(widths), bytes.size() - at);
    constexpr char fills[]{'\0', '\x7f', '\xff'};
    bytes.replace(at, width, width, one_of(fills));
  }

  std::mt19937_64 random_;
};

/// Frames that a caller may send, each whole.
std::vector<std::string> frames() {
  std::vector<std::string> all;
  const auto add_body = annals::encoded(world::add{3, 1});
  for (std::uint64_t sequence = 1; sequence < 4; ++sequence) {
    command_frame command;
    command.sequence = sequence;
    command.has_made_id = sequence % 2 == 0;
    command.category = "counter";
    command.key = "fuzzed";
    command.name = "add";
    if (!command.has_made_id) command.id = "an id";
    command.correlation = "c";
    command.body = add_body;
    if (sequence == 3) {
      command.expect = 5;
      command.since = annals::token{1, 2};
    }
    put(all.emplace_back(), command);
    mark_resent(all.emplace_back(all.back()));
  }
  const auto request = [&](call c, const std::string& body) {
    put(all.emplace_back(), request_frame{1 + all.size(), static_cast<std::uint8_t>(c), body});
  };
  request(call::ask, annals::encoded(ask_call{"sums", "sum_of", annals::encoded(world::sum_of{"fuzzed"}), 7, 1, 10, 100}));
  request(call::stream, annals::encoded(stream_call{"counter-fuzzed", 1, 100}));
  request(call::state, annals::encoded(state_call{"counter", "fuzzed", 1, {}, {}}));
  request(call::log, annals::encoded(log_call{1, 10}));
  request(call::head, annals::encoded(nothing_call{}));
  request(call::health, annals::encoded(nothing_call{}));
  request(call::parked, annals::encoded(owner_call{"sums"}));
  request(call::retry_parked, annals::encoded(position_call{"sums", 1}));
  request(call::skip_parked, annals::encoded(position_call{"sums", 1}));
  request(call::rebuild, annals::encoded(owner_call{"sums"}));
  subscribe_call subscribes;
  subscribes.name = "fuzzed";
  subscribes.categories = {"counter"};
  request(call::subscribe, annals::encoded(subscribes));
  request(call::next, annals::encoded(next_call{1, 10, 5}));
  request(call::ack, annals::encoded(ack_call{1, {1, 2}}));
  request(call::nack, annals::encoded(nack_call{1, 2, "no"}));
  request(call::resolve, annals::encoded(resolve_call{1, 2, true}));
  request(call::member_parked, annals::encoded(member_call{1}));
  request(call::leave, annals::encoded(member_call{1}));
  put_confirm(all.emplace_back(), 1);
  put_resent_end(all.emplace_back());
  put_goodbye(all.emplace_back(), 0);
  return all;
}

/// The length in front says again how long the frame is, so what was changed in it is read.
void mend_length(std::string& frame) {
  if (frame.size() < 5) return;
  const auto length = frame.size() - 4;
  for (std::size_t i = 0; i < 4; ++i) frame[i] = static_cast<char>(length >> (8 * i));
}

struct tally {
  std::uint64_t hellos = 0, proofs = 0, sessions = 0, closed = 0, refused_dials = 0;
};

/// Waits until the server has dealt with what was sent: it closes the link, or does nothing more for a moment.
void see_it_dealt_with(raw_peer& peer, tally& all) {
  for (int i = 0; i < 64 && peer.next(std::chrono::milliseconds{3}); ++i) {
  }
  all.closed += !peer.is_linked();
}

void fuzz_session(raw_peer& peer, mutations& by, const std::vector<std::string>& corpus, tally& all) {
  auto open = peer.greet();
  if (!open) return;
  ++all.sessions;
  std::string begins;
  put_confirm(begins, 0);
  if (!by.one_in(16)) (*open)->send(begins);
  for (auto messages = 1 + by.below(8); messages > 0 && peer.is_linked(); --messages) {
    std::string sent;
    for (auto n = 1 + by.below(4); n > 0; --n) {
      auto frame = by.one_of(corpus);
      if (!by.one_in(3)) by.change(frame, by.one_of(corpus));
      if (!by.one_in(4)) mend_length(frame);
      sent += frame;
    }
    if (by.one_in(8))
      (*open)->send_message(sent.substr(0, by.below(sent.size() + 1)));  // ends within a frame, or is an empty message with a seal
    else if (by.one_in(16))
      peer.send(sent.substr(0, 60'000));  // without a seal
    else
      (*open)->send(sent);
  }
  see_it_dealt_with(peer, all);
}

}  // namespace

std::uint64_t fuzz(raw_peer& peer, std::uint64_t seed, std::chrono::seconds how_long) {
  mutations by{seed};
  const auto corpus = frames();
  tally all;
  std::uint64_t links = 0;
  const auto end = std::chrono::steady_clock::now() + how_long;
  while (std::chrono::steady_clock::now() < end) {
    if (!peer.dial()) {
      ++all.refused_dials;
      continue;
    }
    ++links;
    const auto part = by.below(8);
    if (part > 1) {
      fuzz_session(peer, by, corpus, all);
      continue;
    }
    auto shake = peer.hello();
    auto message = shake.hello();
    if (part == 0) {
      ++all.hellos;
      by.change(message, by.one_of(corpus));
      peer.send(message);
    } else if (peer.send(message); const auto challenge = peer.next()) {
      ++all.proofs;
      auto proof = shake.answer(*challenge).value().proof;
      by.change(proof, message);
      peer.send(proof);
    }
    see_it_dealt_with(peer, all);
  }
  std::printf("links %llu hellos %llu proofs %llu sessions %llu closed %llu refused %llu\n", static_cast<unsigned long long>(links),
              static_cast<unsigned long long>(all.hellos), static_cast<unsigned long long>(all.proofs), static_cast<unsigned long long>(all.sessions),
              static_cast<unsigned long long>(all.closed), static_cast<unsigned long long>(all.refused_dials));
  return links;
}
