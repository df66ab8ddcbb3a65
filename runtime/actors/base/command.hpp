// A command on its way from a host or a process manager through a shard to its aggregate.
#pragma once

#include <annals/detail/tables.hpp>
#include <annals/receipt.hpp>
#include <annals/trace.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace annals::actors {

/// An actor that gets answers: its index in `recipients`.
using recipient = std::uint32_t;
constexpr recipient gateway_recipient = 0;

/// The recipient of an answer, and the number under which that recipient expects it.
struct reply_address {
  recipient to = gateway_recipient;
  std::uint64_t number = 0;
};

/// Does not own its texts: the sender does, or an owned_command or command_list that has copied them.
struct command {
  const detail::aggregate_table* type = nullptr;
  std::string_view name;          // the stored name, in static memory
  std::uint64_t stream_hash = 0;  // store::hash_of_stream(): selects the shard, and the shard's entry for the aggregate
  std::string_view stream;
  std::string_view body;
  std::string_view id;
  std::string_view correlation;
  std::string_view causation;
  std::string_view principal;
  std::string_view trace;  // the bytes of a trace_context; empty: none. Read by traced()
  position since = 0;
  expectation expect;
  reply_address reply;
  const command* next = nullptr;  // the next command for the same aggregate in this turn of the shard

  /// Hash of the name and the body. A record stores it with the command id.
  std::uint64_t fingerprint() const;
  std::size_t text_bytes() const;
  /// The caller owns `of`, like the texts.
  void set_trace(const trace_context& of);
  trace_context traced() const;
  /// Copies the texts to `place`, which has text_bytes() bytes, and refers to the copies from then on.
  void copy_texts_to(char* place);
};

/// A command that owns its texts.
class owned_command {
public:
  explicit owned_command(const command& what);
  command& operator*() { return what_; }
  const command& operator*() const { return what_; }
  const command* operator->() const { return &what_; }

private:
  command what_;
  std::unique_ptr<char[]> texts_;
};

/// Commands and their texts. The texts do not move until clear(), which keeps some of the memory for the next commands.
class command_list {
public:
  void add(const command& what);
  std::size_t size() const { return commands_.size(); }
  command& operator[](std::size_t i) { return commands_[i]; }
  void clear();

private:
  char* room_for(std::size_t bytes);

  static constexpr std::size_t block_bytes = std::size_t{64} << 10;
  static constexpr std::size_t blocks_kept_max = 16;

  std::vector<command> commands_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<char[]>> large_;  // one for each command whose texts exceed a block
  std::size_t block_ = 0;                       // index of the block being filled
  std::size_t used_ = 0;                        // bytes of that block
};

}  // namespace annals::actors
