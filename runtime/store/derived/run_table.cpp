#include "store/derived/run_table.hpp"

#include "store/derived/index_damage.hpp"
#include "store/derived/stream_key.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>

namespace annals::store {
namespace {

constexpr version end_version = ~version{0};
constexpr std::uint64_t nobody = 0;

using number = std::uint64_t;
using end_value = std::array<number, 3>;  // checksum, last version, next

number number_at(std::string_view bytes, std::size_t i) {
  number n = 0;
  std::memcpy(&n, bytes.data() + i * sizeof n, sizeof n);
  return n;
}

number hash_of(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

number checksum_of(std::string_view key, std::string_view value) { return XXH3_64bits_withSeed(value.data(), value.size(), hash_of(key)); }

template <class T>
std::string_view raw_bytes(const T& all) {
  return {reinterpret_cast<const char*>(all.data()), all.size() * sizeof all[0]};
}

/// The least key after the end of a stream.
std::string key_after(std::string_view stream) { return key_of(stream, end_version) + '\0'; }

int put_end(MDB_cursor* c, std::string_view stream, version last, number next) {
  const auto name = key_of(stream, end_version);
  end_value v{0, last, next};
  v[0] = checksum_of(name, raw_bytes(v).substr(sizeof v[0]));
  auto key = to_val(name);
  auto val = to_val(raw_bytes(v));
  return mdb_cursor_put(c, &key, &val, 0);
}

int put_run(MDB_cursor* c, std::string_view stream, version first, std::span<const position> positions) {
  const auto name = key_of(stream, first);
  const auto value = raw_bytes(positions);
  const auto checksum = checksum_of(name, value);
  std::string bytes{reinterpret_cast<const char*>(&checksum), sizeof checksum};
  bytes += value;
  auto key = to_val(name);
  auto val = to_val(bytes);
  return mdb_cursor_put(c, &key, &val, 0);
}

}  // namespace

/// Walks over entries and compares each with the one before it. Its views are valid until the transaction ends or the table changes.
class run_table::walk {
public:
  /// `whole` also checks the checksums of the runs, for callers that read positions; those of the ends are always checked.
  walk(const run_table& of, table_cursor& c, bool whole) : of_(of), c_(&c), whole_(whole) {}

  std::string_view stream() const { return key_.stream; }
  bool is_end() const { return key_.version == end_version; }
  version first() const { return key_.version; }
  version last() const { return last_; }
  number next() const { return next_; }
  std::string_view positions() const { return value_; }

  /// Moves to the last entry before this key, which must be after the table's first entry.
  result<void> before(std::string key, std::string_view stream) {
    wanted_ = std::move(key);
    name_ = stream;
    auto at = to_val(wanted_);
    MDB_val val{};
    int rc = c_->get(at, val, MDB_SET_RANGE);
    if (rc == 0)
      rc = c_->get(at, val, MDB_PREV);
    else if (rc == MDB_NOTFOUND)
      rc = c_->get(at, val, MDB_LAST);
    if (rc == MDB_NOTFOUND) return wrong();
    if (rc) return of_.failed(rc, rc == MDB_CORRUPTED ? place() + ": " + c_->damage() : place());
    if (to_view(at) >= wanted_ || !take(to_view(at), to_view(val))) return wrong();
    return {};
  }

  /// Moves to the next entry; false after the last one.
  result<bool> step() {
    const auto before = key_;
    const auto last = last_;
    const auto next = next_;
    const bool ended = is_end();
    MDB_val key{}, val{};
    const int rc = c_->get(key, val, MDB_NEXT);
    if (rc == MDB_NOTFOUND && ended && next == nobody) return false;
    if (rc == MDB_NOTFOUND) return wrong();
    if (rc) return of_.failed(rc, rc == MDB_CORRUPTED ? place() + ": " + c_->damage() : place());
    if (to_view(key) < wanted_ || !take(to_view(key), to_view(val))) return wrong();
    const bool follows =
        ended ? first() == 1 && hash_of(stream()) == next : stream() == before.stream && (is_end() ? last_ == last : first() == last + 1);
    if (!follows) return wrong();
    name_ = stream();
    return true;
  }

private:
  /// False if the bytes are damaged.
  bool take(std::string_view key, std::string_view bytes) {
    const bool is_first = key == key_of({}, end_version);
    const auto parsed = is_first ? stream_key{{}, end_version} : parse_stream_key(key);
    if (!parsed || bytes.size() < 2 * sizeof(number) || bytes.size() % sizeof(number) != 0) return false;
    key_ = *parsed;
    value_ = bytes.substr(sizeof(number));
    if ((whole_ || is_end()) && checksum_of(key, value_) != number_at(bytes, 0)) return false;
    if (is_end() && bytes.size() != sizeof(end_value)) return false;
    last_ = is_end() ? number_at(value_, 0) : first() + value_.size() / sizeof(position) - 1;
    next_ = is_end() ? number_at(value_, 1) : nobody;
    return true;
  }

  std::string place() const { return name_.empty() ? "before the first stream" : "at stream " + std::string{name_}; }
  error wrong() const { return of_.damaged(place()); }

  const run_table& of_;
  table_cursor* c_;
  bool whole_;
  std::string wanted_;     // no later entry may be before this key
  std::string_view name_;  // the stream asked for, or the one read last
  stream_key key_;
  std::string_view value_;
  version last_ = 0;
  number next_ = nobody;
};

/// The next start finds the note and rebuilds derived state.
error run_table::damaged(std::string what) const {
  auto made = index_damage(std::move(what));
  if (!note(made)) made.detail += "; delete derived/ before the next start: " + note_.name().string() + " cannot be written";
  return made;
}

bool run_table::note(const error& why) const {
  if (!note_ || noted_.exchange(true)) return true;
  const auto text = why.message();
  const auto file = note_.create(O_WRONLY | O_TRUNC);
  if (file && ::write(file->get(), text.data(), text.size()) == static_cast<ssize_t>(text.size())) return true;
  noted_ = false;
  return false;
}

error run_table::failed(int code, const std::string& what) const {
  return is_damage(code) ? damaged(what) : lmdb_error(code, "reading the stream index");
}

error run_table::contradicts(std::string what, position place) const {
  auto made = index_damage(std::move(what), place);
  (void)note(made);
  return made;
}

int run_table::begin(MDB_txn* txn) const {
  const auto c = open_cursor(txn, db_);
  return c ? put_end(c->get(), {}, 0, nobody) : MDB_BAD_TXN;
}

result<void> run_table::write(write_transaction& txn, std::span<const stream_run> runs) const {
  const auto c = open_cursor(txn.get(), db_);
  if (!c) return c.error();
  for (const auto& run : runs)
    if (auto ok = write(txn, c->get(), run); !ok) return ok;
  return {};
}

result<void> run_table::write(write_transaction& txn, MDB_cursor* c, const stream_run& run) const {
  if (run.positions.empty()) return {};
  if (const int rc = txn.expect("runs", key_of(run.stream, end_version))) return failed(rc, txn.damage());
  writing_cursor reading{c};
  walk w{*this, reading, false};
  if (auto ok = w.before(key_of(run.stream, end_version), run.stream); !ok) return ok;
  const bool is_new = w.stream() != run.stream;
  const std::string neighbour{is_new ? w.stream() : std::string_view{}};
  const auto of_neighbour = w.last();
  auto next = w.next();
  if (auto ok = w.step(); !ok) return std::move(ok).error();  // to the stream's end, or to the first entry of the next stream
  const version last = is_new ? 0 : w.last();
  if (!is_new) next = w.next();
  if (run.first == 0 || run.first > last + 1)
    return contradicts("the index ends with " + version_of(run.stream, last) + ", and the log continues with version " + std::to_string(run.first),
                       run.positions.front());
  // Positions that were written before a crash stay.
  const auto known = std::min<std::size_t>(last + 1 - run.first, run.positions.size());
  if (auto ok = compare(reading, run, known); !ok) return ok;
  if (known == run.positions.size()) return {};
  int rc = is_new ? put_end(c, neighbour, of_neighbour, hash_of(run.stream)) : 0;
  if (!rc) rc = put_run(c, run.stream, run.first + known, run.positions.subspan(known));
  if (!rc) rc = put_end(c, run.stream, run.first + run.positions.size() - 1, next);
  return rc ? result<void>{lmdb_error(rc, "writing the stream index")} : result<void>{};
}

/// Compares the first `many` positions of the run with the table.
result<void> run_table::compare(table_cursor& c, const stream_run& run, std::size_t many) const {
  if (many == 0) return {};
  std::vector<position> written;
  if (auto ok = positions(c, run.stream, run.first, many, written); !ok) return ok;
  for (std::size_t i = 0; i < many; ++i)
    if (written.at(i) != run.positions[i])
      return contradicts("the index has " + version_of(run.stream, run.first + i) + " at position " + std::to_string(written[i]) +
                             ", the log at position " + std::to_string(run.positions[i]),
                         run.positions[i]);
  return {};
}

result<void> run_table::positions(table_cursor& c, std::string_view stream, version from, std::size_t max, std::vector<position>& out) const {
  from = std::clamp<version>(from, 1, end_version - 1);
  walk w{*this, c, true};
  // The run that holds `from` begins at or before it. If there is none, the stream has nothing after it either.
  if (auto ok = w.before(std::max(key_of(stream, from + 1), key_after({})), stream); !ok) return ok;
  if (w.stream() != stream) {
    auto ok = w.step();
    return ok ? result<void>{} : std::move(ok).error();
  }
  while (!w.is_end()) {
    for (; from >= w.first() && from <= w.last() && max > 0; ++from, --max) out.push_back(number_at(w.positions(), from - w.first()));
    if (max == 0) break;
    if (auto ok = w.step(); !ok) return std::move(ok).error();
  }
  return {};
}

result<void> run_table::streams(table_cursor& c, std::string_view prefix, std::string_view after,
                                const std::function<bool(std::string_view, version)>& visit) const {
  walk w{*this, c, false};
  const bool by_prefix = after < prefix;
  const auto begin = by_prefix ? std::max(std::string{prefix}, key_after({})) : key_after(after);
  if (auto ok = w.before(begin, by_prefix ? prefix : after); !ok) return ok;
  for (;;) {
    const auto more = w.step();
    if (!more) return more.error();
    if (!*more || !w.stream().starts_with(prefix)) return {};
    if (w.is_end() && !visit(w.stream(), w.last())) return {};
  }
}

result<void> run_table::runs(table_cursor& c, std::string_view stream, version from, const std::function<bool(const stream_run&)>& visit) const {
  walk w{*this, c, true};
  if (auto ok = w.before(std::max(key_of(stream, from), key_after({})), stream); !ok) return ok;
  std::vector<position> positions;  // LMDB's bytes are not aligned
  for (;;) {
    const auto more = w.step();
    if (!more) return more.error();
    if (!*more) return {};
    if (w.is_end()) continue;
    positions.resize(w.positions().size() / sizeof(position));
    std::memcpy(positions.data(), w.positions().data(), w.positions().size());
    if (!visit({w.stream(), w.first(), positions})) return {};
  }
}

}  // namespace annals::store
