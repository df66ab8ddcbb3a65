// The log on disk, <store>/log: the front (the write-ahead log) makes each batch durable with one synced write. LMDB takes
// the same records over in larger commits, and readers read from LMDB. See front_format.hpp and lmdb_log.hpp for the bytes.
#pragma once

#include "store/log/front.hpp"
#include "store/log/lmdb_log.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>

namespace annals::store {

struct front_log_options {
  std::uint64_t map_bytes;
  bool read_only = false;
  bool new_history = false;                                  ///< the caller accepted a loss
  bool accept_loss = false;                                  ///< begin a new history even if an answered batch of the front is damaged
  std::uint64_t front_bytes_min = std::uint64_t{256} << 10;  ///< a writer enlarges a smaller front to this
  std::uint64_t front_bytes_max = std::uint64_t{64} << 20;   ///< the front grows in steps up to this when it is full
  bool beside_writer = false;                                ///< read only: another process writes, and the front belongs to it
};

class front_log final : public log {
public:
  /// Creates an empty log in this directory, which must be empty. The caller syncs it.
  static result<void> create(const std::filesystem::path& directory, std::uint64_t front_bytes);
  /// The same for an empty copy of this log.
  static result<void> create_copy(const std::filesystem::path& directory, std::uint64_t front_bytes, const log_identity& of);
  /// A writable open first takes the front's batches over into LMDB, then begins its generation. A read-only open shows these
  /// batches from memory if no other process writes. So does a writable open if there is no space: drain() begins writing later.
  static result<std::unique_ptr<front_log>> open(const std::filesystem::path& directory, const front_log_options& with);

  const log_identity& identity() const override { return lmdb_->identity(); }
  commit_outcome commit(position first, std::span<const std::string_view> records) override;
  commit_outcome drain(std::span<const control_entry> decided = {}) override;
  position durable() const override;
  position readable() const override;
  timestamp last_time() const override { return last_time_.load(std::memory_order_acquire); }
  void on_readable(std::function<void(position)> grown) override {
    lmdb_->on_readable([this, grown = std::move(grown)](position) { grown(readable()); });
  }
  bool takes_commits() const override { return has_begun_.load(std::memory_order_acquire); }
  result<position> read(position from, const read_limits& limits, const record_visitor& visit) const override;
  result<void> read_at(std::span<const position> positions, const record_visitor& visit) const override;
  result<position> read_durable(position from, const read_limits& limits, const record_visitor& visit) const override;
  result<void> read_durable_at(std::span<const position> positions, const record_visitor& visit) const override;
  result<void> control(std::string_view prefix, const control_visitor& visit) const override { return lmdb_->control(prefix, visit); }
  result<void> check_files() const override { return lmdb_->check_files(); }
  /// How many records of the front, which an earlier process had answered, the opening has moved to LMDB.
  std::uint64_t recovered() const { return recovered_; }
  environment_usage usage() const override { return lmdb_->usage(); }
  position after_damage(position at) const override { return lmdb_->after_damage(at); }
  /// Of what readers see, including records that only the front has.
  result<void> backup(const std::filesystem::path& target) const override;

  /// Of what readers see: also what only the front has.
  std::optional<std::uint64_t> checksum_at(position at) const;

private:
  struct waiting_batch {
    block_buffer bytes;  // as written
    front::batch what;   // views into `bytes`
  };
  /// Shared with readers that still use it when the drainer removes it.
  using shared_batch = std::shared_ptr<waiting_batch>;
  /// The batches that hold any of these positions. While an object of this class lives, no batch's memory is reused.
  class held_batches {
  public:
    held_batches(const front_log& of, position first, position last);
    ~held_batches();
    held_batches(const held_batches&) = delete;
    held_batches& operator=(const held_batches&) = delete;
    const std::vector<shared_batch>& all() const { return all_; }

  private:
    const front_log* of_;
    std::vector<shared_batch> all_;
  };

  static constexpr std::size_t drained_bytes_max = std::size_t{16} << 20;  // per commit of LMDB, exceeded by at most one batch

  front_log() = default;
  /// Adds the records of a batch one by one; false if they do not match the batch's header.
  static bool add_records(std::vector<std::string_view>& records, const front::batch& batch);
  result<void> follow_front(const std::function<result<void>(const front::batch&, std::span<const std::string_view>)>& visit, position& next) const;
  result<void> take_front_over(position& next);
  result<void> begin_writing(bool new_history, bool accept_loss);
  result<void> read_without_space();
  result<void> show_front();
  result<void> nothing_follows(position next) const;
  position durable_of_writer() const;
  std::optional<commit_outcome> make_room(std::uint64_t needed);
  void lengthen_front();

  std::unique_ptr<lmdb_log> lmdb_;
  std::unique_ptr<front> front_;
  bool read_only_ = false;
  bool beside_writer_ = false;
  std::uint64_t front_bytes_min_ = 0;
  std::uint64_t front_bytes_max_ = 0;
  std::uint64_t grows_to_ = 0;            // the next size, since the ring was full; takes effect once it is empty; used by the journal's thread only
  std::atomic<std::uint64_t> wanted_{0};  // a length for the front, once it was full; the drainer's thread lengthens the file to it
  std::atomic<bool> stopped_{false};
  std::atomic<bool> has_begun_{false};  // writing has begun
  std::atomic<position> durable_{0};
  std::atomic<timestamp> last_time_{0};
  mutable std::mutex mutex_;
  mutable std::size_t held_ = 0;      // living held_batches; guarded
  std::deque<shared_batch> waiting_;  // durable, not in LMDB; guarded
  std::vector<shared_batch> spare_;   // their memory is reused; guarded
  std::vector<std::string> shown_;    // records that only the front had at open; empty if writing began at once
  std::uint64_t recovered_ = 0;
  position shown_from_ = 0;
};

}  // namespace annals::store
