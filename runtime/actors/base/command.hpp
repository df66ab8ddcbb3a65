// A command on its way: host or process manager → shard → aggregate.
#pragma once

#include <annals/detail/tables.hpp>
#include <annals/receipt.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace annals::actors {

/// Who waits for answers: a place in environment::recipients.
using recipient = std::uint32_t;
constexpr recipient gateway_recipient = 0;

/// Who waits for an answer, and under which number there.
struct reply_address {
  recipient to = gateway_recipient;
  std::uint64_t number = 0;
};

/// Its texts belong to whoever made it, or to who keeps it.
struct command {
  const detail::aggregate_table* type = nullptr;
  std::string_view name;  // the stored name, in static memory
  std::uint64_t stream_hash = 0;  // store::hash_of_stream(): which shard it belongs to, and where that one looks for it
  std::string_view stream;
  std::string_view body;
  std::string_view id;
  std::string_view correlation;
  std::string_view causation;
  std::string_view principal;
  position since = 0;
  expectation expect;
  reply_address reply;
  const command* next = nullptr;  // of the same aggregate, in this turn of its shard

  /// Of its name and body: what a record keeps beside the id.
  std::uint64_t fingerprint() const;
  std::size_t text_bytes() const;
  /// Copies the texts to this place and refers to them from now on.
  void keep_texts_at(char* place);
};

/// A command with its texts.
class kept_command {
public:
  explicit kept_command(const command& what);
  command& operator*() { return what_; }
  const command& operator*() const { return what_; }
  const command* operator->() const { return &what_; }

private:
  command what_;
  std::unique_ptr<char[]> texts_;
};

/// Many commands with their texts; they stay where they are until clear(), which keeps the memory for the next ones.
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
  std::vector<std::unique_ptr<char[]>> large_;  // one for a command that is larger than a block
  std::size_t block_ = 0;                       // that is being filled
  std::size_t used_ = 0;                        // of it
};

}  // namespace annals::actors
