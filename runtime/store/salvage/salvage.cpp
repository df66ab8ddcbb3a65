// Makes a new store from the sound records of a damaged log: see annals/salvage.hpp.
#include <annals/salvage.hpp>

#include "store/log/front.hpp"
#include "store/log/lmdb_log.hpp"
#include "store/log/record.hpp"
#include "store/os/files.hpp"
#include "store/os/size_signal.hpp"
#include "store/salvage/sound_records.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace annals {
namespace {

namespace fs = std::filesystem;
using namespace store;

constexpr std::string_view lost_stream = "annals.salvage-lost";
constexpr std::string_view lost_type = "annals.lost";
constexpr char no_fields = '\x80';  // an empty map
constexpr std::uint64_t ring_bytes = std::uint64_t{64} << 20;

/// The rest of the damaged log that can be read without LMDB, which would write its lock file.
struct rest_of_log {
  std::string store_id;                     // empty: not known
  std::optional<std::uint64_t> generation;  // of the front's batches
  std::vector<control_entry> decided;
  std::string why_not;  // why `decided` is empty; empty if it could be read
};

rest_of_log read_rest(const sound_records& of) {
  rest_of_log rest;
  const auto failed = [&](std::string why) { return rest.decided.clear(), rest.why_not = std::move(why), rest; };
  if (!of.newest() || !of.pages()) return failed("no meta page can be read");
  const auto open = [&](std::string_view name) -> std::optional<page_cursor> {
    lmdb_format::table t{};
    std::string damage;
    if (find_table(*of.pages(), *of.newest(), name, t, damage) != 0) return std::nullopt;
    return page_cursor{*of.pages(), t, of.newest()->last_page};
  };
  MDB_val key{}, val{};
  if (auto meta = open("meta")) {
    key = to_val("store");
    if (meta->get(key, val, MDB_SET) == 0) rest.store_id = to_view(val);
    key = to_val("generation");
    if (meta->get(key, val, MDB_SET) == 0 && val.mv_size == sizeof(std::uint64_t))
      rest.generation = lmdb_format::read_as<std::uint64_t>(static_cast<const char*>(val.mv_data));
  }
  auto control = open("control");
  if (!control) return failed("the control table cannot be found");
  int rc = control->get(key, val, MDB_FIRST);
  for (; rc == 0; rc = control->get(key, val, MDB_NEXT)) {
    if (!rest.decided.empty() && to_view(key) <= rest.decided.back().key) return failed("the control table is not in order");
    rest.decided.push_back({std::string{to_view(key)}, std::string{to_view(val)}});
  }
  if (rc != MDB_NOTFOUND || rest.decided.size() != control->table().entries) return failed(control->damage());
  return rest;
}

/// Adds the records of the front (the write-ahead log). Returns why they cannot be read; empty if they can.
std::string add_front(const fs::path& file, const rest_of_log& of, sound_records& to) {
  const auto opened = front::open(file, of.store_id, true);
  if (!opened) return opened.error().message();
  const auto ok = (*opened)->visit_all(of.generation, [&](const front::batch& one) {
    auto rest = one.records;
    for (std::uint32_t n = 0; n < one.count; ++n) {
      const auto size = record_bytes(rest);
      if (size == 0) {
        if (auto newer = newer_record(one.first + n, rest)) to.add(std::move(*newer));
        return;
      }
      to.add(one.first + n, rest.substr(0, size));
      rest.remove_prefix(size);
    }
  });
  return ok ? std::string{} : ok.error().message();
}

/// Goes through the positions and decides what becomes of each.
class salvaging {
public:
  salvaging(sound_records& from, lmdb_log& to, const std::function<void(const record_view&)>& set_aside)
      : from_(from), to_(to), set_aside_(set_aside) {}

  result<salvaged> run(position last) {
    for (position at = 1; at <= last;) {
      const auto events = command_at(at);
      for (const auto& bytes : events) put(at++, bytes);
      if (events.empty()) exclude(at++);
      if (bytes_ > std::size_t{4} << 20)
        if (auto ok = commit(); !ok) return std::move(ok).error();
    }
    if (auto ok = commit(); !ok) return std::move(ok).error();
    for (const auto& [name, one] : streams_)
      if (one.cut && name != lost_stream) seen_.cut.push_back({name, one.newest, one.set_aside});
    return std::move(seen_);
  }

private:
  struct stream {
    version newest = 0;
    bool cut = false;
    std::uint64_t set_aside = 0;
  };

  /// The events of a command that begins here, if it is whole and continues its stream; else nothing.
  std::vector<std::string> command_at(position at) {
    std::vector<std::string> events;
    std::string name;
    for (std::size_t i = 0, count = 1; i < count; ++i) {
      const std::string bytes{from_.at(at + i)};
      const auto r = bytes.empty() ? error{errc::not_found} : read_record(at + i, bytes);
      if (!r || r->index != i || r->count == 0 || r->time < time_ || r->stream == lost_stream) return {};
      if (i == 0) name = r->stream, count = r->count;
      const auto& known = streams_[name];
      if (r->count != count || r->stream != name || known.cut || r->version != known.newest + 1 + i) return {};
      events.push_back(bytes);
    }
    return events;
  }

  void put(position at, const std::string& bytes) {
    const auto r = read_record(at, bytes).value();
    streams_[std::string{r.stream}].newest = r.version;
    time_ = r.time;
    ++seen_.records;
    keep(bytes);
  }

  /// Puts a placeholder event at this position.
  void exclude(position at) {
    const std::string bytes{from_.at(at)};
    const auto r = bytes.empty() ? error{errc::not_found} : read_record(at, bytes);
    if (!r) {
      ++seen_.lost;
      if (!seen_.gaps.empty() && seen_.gaps.back().last + 1 == at)
        seen_.gaps.back().last = at;
      else
        seen_.gaps.push_back({at, at});
    } else if (r->stream != lost_stream) {
      auto& one = streams_[std::string{r->stream}];
      one.cut = true;
      ++one.set_aside;
      if (set_aside_) set_aside_(*r);
    }
    record_view made;
    made.stream = lost_stream;
    made.version = ++streams_[std::string{lost_stream}].newest;
    made.type = lost_type;
    made.payload = {&no_fields, 1};
    std::string other;
    append_record(other, made);
    seal_record(other.data(), other.size(), at, time_);
    keep(std::move(other));
  }

  void keep(std::string bytes) {
    bytes_ += bytes.size();
    waiting_.push_back(std::move(bytes));
  }

  result<void> commit() {
    const std::vector<std::string_view> records(waiting_.begin(), waiting_.end());
    const auto outcome = to_.commit(to_.durable() + 1, records);
    waiting_.clear();
    bytes_ = 0;
    if (outcome.status == commit_status::committed) return {};
    return error{outcome.status == commit_status::no_space ? errc::storage_full : errc::store_failed, "writing the new store", outcome.detail};
  }

  sound_records& from_;
  lmdb_log& to_;
  const std::function<void(const record_view&)>& set_aside_;
  std::map<std::string, stream, std::less<>> streams_;
  timestamp time_ = 0;
  std::vector<std::string> waiting_;
  std::size_t bytes_ = 0;
  salvaged seen_;
};

}  // namespace

result<salvaged> salvage(const fs::path& store, const fs::path& target, const std::function<void(const record_view&)>& set_aside) {
  const size_signal_blocked guard;
  const auto from = store / "log";
  if (files::writer_lock::is_held(store))
    return error{errc::store_locked, store.string() + " is open for writing", "copy a store in use with `annals backup`"};
  auto sound = sound_records::find_in(from / "data.mdb");
  if (!sound) return std::move(sound).error();
  auto rest = read_rest(*sound);
  auto why_no_front = add_front(from / "front", rest, *sound);
  if (const auto& newer = sound->newer()) return *newer;

  auto half = files::temporary_for_copy(store, target);
  if (!half) return std::move(half).error();
  const auto log = half->path() / "log";
  std::error_code wrong;
  const auto bytes = fs::file_size(from / "data.mdb", wrong);
  if (wrong || !fs::create_directory(log, wrong)) return error{errc::store_failed, "creating " + log.string(), wrong.message()};
  const auto id = lmdb_log::create(log);
  if (!id) return id.error();
  auto made = [&]() -> result<salvaged> {
    auto to = lmdb_log::open(log, {std::max<std::uint64_t>(4 * bytes, std::uint64_t{1} << 30)});
    if (!to) return std::move(to).error();
    auto done = salvaging{*sound, **to, set_aside}.run(sound->last());
    if (!done) return done;
    const auto outcome = (*to)->drain(rest.decided);
    if (outcome.status != commit_status::committed) return error{errc::store_failed, "writing the new store", outcome.detail};
    return done;
  }();
  if (!made) return made;
  if (sound->has_changed() || files::writer_lock::is_held(store))
    return error{errc::store_locked, store.string() + " was opened for writing meanwhile", "close the store, and salvage again"};
  if (auto ok = front::create(log / "front", *id, ring_bytes); !ok) return std::move(ok).error();
  if (auto ok = half->become(target); !ok) return std::move(ok).error();
  made->store_id = *id;
  made->why_no_decisions = std::move(rest.why_not);
  made->why_no_front = std::move(why_no_front);
  return made;
}

}  // namespace annals
