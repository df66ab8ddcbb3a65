#include "store/open_store.hpp"

#include "store/candidate.hpp"
#include "store/derived/image_files.hpp"
#include "store/derived/lmdb_derived_store.hpp"
#include "store/log/front_log.hpp"
#include "store/os/forks.hpp"
#include "store/os/size_signal.hpp"

#include <unistd.h>

#include <mutex>
#include <set>

namespace annals::store {
namespace {

namespace fs = std::filesystem;

/// LMDB allows one environment per directory in a process, whatever name the directory is opened by.
class open_directories {
public:
  static std::shared_ptr<void> add(std::pair<std::uint64_t, std::uint64_t> identity) {
    // A forked child may open for itself what its parent has open.
    static constinit per_process<list> open;
    auto& mine = open.get();
    const std::lock_guard lock{mine.mutex};
    if (!mine.identities.insert(identity).second) return nullptr;
    return {&mine, [&mine, identity, home = home_process{}](void*) {
              if (!home.is_this_one()) return;
              const std::lock_guard lock{mine.mutex};
              mine.identities.erase(identity);
            }};
  }

private:
  struct list {
    std::mutex mutex;
    std::set<std::pair<std::uint64_t, std::uint64_t>> identities;
  };
};

constexpr std::uint64_t small_map = std::uint64_t{64} << 20;

error missing(const fs::path& directory, std::string why) { return {errc::store_missing, directory.string(), std::move(why)}; }

/// True if the directory holds only what annals itself leaves there.
bool holds_nothing(const fs::path& store) {
  for (const auto& entry : fs::directory_iterator{store})
    if (entry.path().filename() != "lock" && !files::is_leftover_of(store / "log", entry.path())) return false;
  return true;
}

void remove_leftovers(const fs::path& store) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{store, ignored})
    if (files::is_leftover_of(store / "log", entry.path())) fs::remove_all(entry.path(), ignored);
}

/// Checks that the directory is a store, or may become one, before anything in it is touched.
result<void> check_contents(const fs::path& store, const open_options& with) {
  if (fs::exists(store / "log")) return check_log_file(store);
  if (!holds_nothing(store)) return error{errc::store_foreign, store.string(), "the directory has other files, but no log/"};
  if (with.read_only || !with.create) return missing(store, "the directory holds no store");
  if (with.is_copy && !with.copy_of) return missing(store, "the directory holds no copy");
  return {};
}

result<void> create_log(const fs::path& store, const open_options& with) {
  auto half = files::temporary_beside(store / "log");
  if (!half) return std::move(half).error();
  auto ok = with.copy_of ? front_log::create_copy(half->path(), with.front_bytes_min, *with.copy_of)
                         : front_log::create(half->path(), with.front_bytes_min);
  if (!ok) return ok;
  return half->become(store / "log");
}

result<void> prepare_directory(const fs::path& directory, const open_options& with) {
  std::error_code wrong;
  if (!fs::exists(directory, wrong)) {
    if (with.read_only || !with.create) return missing(directory, "there is no such directory");
    if (auto ok = files::create_directories(directory); !ok) return ok;
  }
  if (!fs::is_directory(directory, wrong)) return missing(directory, "not a directory");
  if (auto ok = files::check_file_system(directory); !ok) return ok;
  if (!with.read_only && ::access(directory.c_str(), W_OK | X_OK) != 0) return missing(directory, "the directory is not writable");
  return check_contents(directory, with);
}

/// Reports an error that does not prevent opening the store.
void tell(const open_options& with, const result<void>& done) {
  if (!done && with.warn) with.warn(done.error().message());
}

/// Opens the log for writing, which begins a generation; creates the log if it is missing.
result<std::unique_ptr<front_log>> open_log(const fs::path& store, const open_options& with, bool new_history) {
  if (!fs::exists(store / "log"))
    if (auto ok = create_log(store, with); !ok) return std::move(ok).error();
  if (auto ok = check_log_file(store); !ok) return std::move(ok).error();
  return front_log::open(store / "log", {with.log_map_bytes, false, new_history, with.accept_loss, with.front_bytes_min, with.front_bytes_max});
}

/// Checks that a log is a copy of this one, and how far.
result<void> check_copy(const fs::path& store, const lmdb_log& copy, const log_identity& of) {
  const auto& is = copy.identity();
  if (is.store_id != of.store_id)
    return error{errc::store_foreign, store.string() + " is a copy of another store", "store " + is.store_id + ", the source is " + of.store_id};
  const auto fork = is.history == of.history ? copy.durable() : fork_of(of.former, is.history);
  if (!fork || copy.durable() > *fork)
    return error{errc::history_differs, store.string() + " has records that the source's history does not have",
                 fork ? "the histories part after position " + std::to_string(*fork) : "the source does not continue this copy's history"};
  return {};
}

/// Opens a copy for the records of its source: without a front (the write-ahead log), a generation or a history of its own.
result<std::unique_ptr<lmdb_log>> open_copy(const fs::path& store, const open_options& with) {
  if (!fs::exists(store / "log"))
    if (auto ok = create_log(store, with); !ok) return std::move(ok).error();
  if (auto ok = check_log_file(store); !ok) return std::move(ok).error();
  auto copy = lmdb_log::open(store / "log", {with.log_map_bytes, false, false, true});
  if (!copy) return std::move(copy).error();
  if (!(*copy)->is_restored())
    return error{errc::misuse, store.string() + " is a store that takes commands, not a copy", "choose another directory for the replica"};
  if (!with.copy_of) return copy;
  if (auto ok = check_copy(store, **copy, *with.copy_of); !ok) return std::move(ok).error();
  if ((*copy)->identity().history != with.copy_of->history)
    if (auto ok = (*copy)->follow(*with.copy_of); !ok) return std::move(ok).error();
  return copy;
}

result<std::unique_ptr<derived_store>> fresh_derived(const fs::path& store, const log_identity& of, const open_options& with) {
  std::error_code wrong;
  fs::remove_all(store / "derived", wrong);
  if (wrong) return error{errc::store_failed, "removing " + (store / "derived").string(), wrong.message()};
  if (auto ok = files::create_private_directory(store / "derived"); !ok) return std::move(ok).error();
  auto made = lmdb_derived_store::create(store / "derived", of, {with.derived_map_bytes});
  if (!made) return std::move(made).error();
  return std::unique_ptr<derived_store>{std::move(*made)};
}

/// Opens derived state for writing; drops it and creates it again if `unusable` says why it cannot be used.
result<std::unique_ptr<derived_store>> open_derived(const fs::path& store, const log_identity& of, const open_options& with,
                                                    std::optional<error> unusable) {
  const bool is_there = fs::exists(store / "derived");
  if (is_there && !unusable) {
    auto made = lmdb_derived_store::open(store / "derived", of, {with.derived_map_bytes});
    if (made) return std::unique_ptr<derived_store>{std::move(*made)};
    unusable = std::move(made).error();
  }
  if (unusable && !is_useless(*unusable) && unusable->code != errc::derived_ahead) return *unusable;
  if (is_there && with.warn) with.warn((store / "derived").string() + " is dropped and rebuilt: " + unusable->message());
  return fresh_derived(store, of, with);
}

/// Makes a writer's store of the candidate; creates what is missing. Unlike a reader, a writer closes what it has looked at and opens
/// it again. LMDB opens a directory once in a process, either read only or for writing, so a read-only environment cannot become a
/// writable one. And the look cannot be a writable open: that checks more and so refuses damaged files that may still know of a loss,
/// takes over the front, and begins a generation, or a new history after a loss.
result<void> open_for_writing(const fs::path& store, const open_options& with, candidate& found, opened& into) {
  const bool loss = found.is_of_a_loss();
  // Checked before a generation begins: if derived state cannot be read for now, the log is left as it is.
  if (found.unusable && !loss && !is_useless(*found.unusable)) return *found.unusable;
  found.derived.reset();
  found.log.reset();
  if (with.is_copy) {
    auto copy = open_copy(store, with);
    if (!copy) return std::move(copy).error();
    into.copy = copy->get();
    into.log = std::move(*copy);
  } else {
    auto log = open_log(store, with, loss);
    if (!log) return std::move(log).error();
    into.recovered = (*log)->recovered();
    into.log = std::move(*log);
  }
  if (auto ok = into.lock->cover_log(store); !ok) return ok;
  auto derived = open_derived(store, into.log->identity(), with, std::move(found.unusable));
  if (!derived) return std::move(derived).error();
  into.derived = std::move(*derived);
  found.unusable.reset();
  return {};
}

result<std::unique_ptr<opened>> open_checked(const fs::path& given, const open_options& with) {
  const auto directory = fs::absolute(given);  // relative to the current directory now: a chdir() in another thread changes nothing
  if (auto ok = prepare_directory(directory, with); !ok) return std::move(ok).error();
  auto made = std::make_unique<opened>();
  made->where = anchored_path{directory};
  const auto identity = made->where.identity();
  if (!identity) return missing(directory, "the directory cannot be opened");
  made->registered = open_directories::add(*identity);
  if (!made->registered) return error{errc::misuse, directory.string(), "this process has the store open already: share that runtime or view"};
  if (!with.read_only) {
    auto lock = files::writer_lock::take(directory);
    if (!lock) return std::move(lock).error();
    made->lock.emplace(std::move(*lock));
    remove_leftovers(directory);
  }

  candidate found;
  if (with.read_only || fs::exists(directory / "log")) {
    auto looked = look_at(directory, with);
    if (!looked) return std::move(looked).error();
    found = std::move(*looked);
  }
  if (found.is_of_a_loss() && (with.read_only || !with.accept_loss)) return std::move(*found.unusable);
  if (!with.read_only)
    if (auto ok = open_for_writing(directory, with, found, *made); !ok) return std::move(ok).error();
  if (with.read_only) {
    made->log = std::move(found.log);
    made->derived = std::move(found.derived);
  }
  if (!made->derived) {
    made->why_no_derived = found.unusable ? found.unusable->message() : (directory / "derived").string() + " does not exist";
    made->derived_is_damaged = found.unusable && found.unusable->code == errc::store_foreign;
  }
  if (made->derived) {
    auto images = std::make_unique<image_files>(images_of(directory), made->log->identity());
    if (!with.read_only) tell(with, images->remove_leftovers());
    made->images = std::move(images);
  }
  if (!with.read_only) tell(with, files::set_modes(directory, with.readable_by_group));
  return made;
}

}  // namespace

result<bool> is_copy(const fs::path& directory) {
  std::error_code ignored;
  if (!fs::exists(directory / "log", ignored)) return missing(directory, "the directory holds no store");
  if (auto ok = check_log_file(directory); !ok) return std::move(ok).error();
  auto log = lmdb_log::open(directory / "log", {small_map, true});
  if (!log) return std::move(log).error();
  return (*log)->is_restored();
}

result<std::unique_ptr<opened>> open_store(const fs::path& directory, const open_options& with) {
  const size_signal_blocked guard;
  try {
    return open_checked(directory, with);
  } catch (const fs::filesystem_error& wrong) {  // for example, a directory that may not be read
    return error{errc::store_failed, "opening " + directory.string(), wrong.what()};
  }
}

}  // namespace annals::store
