#include "store/open_store.hpp"

#include "store/lmdb_index.hpp"
#include "store/lmdb_log.hpp"

#include <unistd.h>

#include <mutex>
#include <set>

namespace annals::store {
namespace {

namespace fs = std::filesystem;

/// LMDB allows one environment for each directory in a process.
class open_directories {
public:
  static std::shared_ptr<void> add(const fs::path& directory) {
    static std::mutex mutex;
    static std::set<std::string> open;
    const auto name = fs::weakly_canonical(directory).string();
    const std::lock_guard lock{mutex};
    if (!open.insert(name).second) return nullptr;
    return {&open, [name](void*) {
              const std::lock_guard lock{mutex};
              open.erase(name);
            }};
  }
};

error missing(const fs::path& directory, std::string why) { return {errc::store_missing, directory.string(), std::move(why)}; }

/// True when nothing but what we leave ourselves is in it.
bool holds_nothing(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator{directory}) {
    const auto name = entry.path().filename().string();
    if (name != "lock" && name.find(".new-") == std::string::npos) return false;
  }
  return true;
}

result<void> create_log(const fs::path& store) {
  auto half = files::temporary_beside(store / "log");
  if (!half) return std::move(half).error();
  if (auto ok = lmdb_log::create(half->path()); !ok) return ok;
  return half->become(store / "log");
}

result<void> prepare_directory(const fs::path& directory, const open_options& with) {
  std::error_code wrong;
  if (!fs::exists(directory, wrong)) {
    if (with.read_only || !with.create) return missing(directory, "there is no such directory");
    fs::create_directories(directory, wrong);
    if (wrong) return error{errc::store_missing, directory.string(), "cannot be created: " + wrong.message()};
  }
  if (!fs::is_directory(directory, wrong)) return missing(directory, "it is not a directory");
  if (auto ok = files::check_file_system(directory); !ok) return ok;
  if (!with.read_only && ::access(directory.c_str(), W_OK | X_OK) != 0) return missing(directory, "it is not writable");
  return {};
}

result<std::unique_ptr<lmdb_log>> open_log(const fs::path& store, const open_options& with, bool new_history) {
  if (!fs::exists(store / "log")) {
    if (!holds_nothing(store)) return error{errc::store_foreign, store.string(), "it has no log/, and other things in it"};
    if (with.read_only || !with.create) return missing(store, "there is no store in it");
    if (auto ok = create_log(store); !ok) return std::move(ok).error();
  }
  if (auto ok = files::check_lmdb_file(store / "log"); !ok) return std::move(ok).error();
  log_options how{with.log_map_bytes, with.read_only, false, new_history};
  how.no_lock = with.read_only && ::access((store / "log").c_str(), W_OK) != 0;
  return lmdb_log::open(store / "log", how);
}

/// Rule 6: what derived state knows of the log has to be there. Looked at before the log's own generation begins.
result<derived_mark> mark_of(const fs::path& store, const identity& of, const open_options& with) {
  const auto directory = store / "derived";
  if (auto ok = files::check_lmdb_file(directory); !ok) return std::move(ok).error();
  auto index = lmdb_index::open(directory, of, {with.derived_map_bytes, with.read_only, false});
  if (!index) return std::move(index).error();
  return (*index)->mark();
}

std::optional<error> lost(const lmdb_log& log, const derived_mark& mark) {
  if (mark.at == 0 || log.checksum_at(mark.at) == mark.checksum) return std::nullopt;
  const auto head = log.durable();
  std::string what = mark.at > head ? "positions " + std::to_string(head + 1) + " to " + std::to_string(mark.at) + " are gone"
                                    : "another record stands at position " + std::to_string(mark.at);
  return error{errc::derived_ahead, "the log has lost what derived state knows",
               what + "; open with accept_loss to go on without", 0, head + 1};
}

result<std::unique_ptr<index>> fresh_index(const fs::path& store, const identity& of, const open_options& with) {
  std::error_code wrong;
  fs::remove_all(store / "derived", wrong);
  fs::create_directory(store / "derived", wrong);
  if (wrong) return error{errc::store_failed, "creating " + (store / "derived").string(), wrong.message()};
  auto made = lmdb_index::create(store / "derived", of, {with.derived_map_bytes});
  if (!made) return std::move(made).error();
  return std::unique_ptr<index>{std::move(*made)};
}

/// The index, dropped and begun anew where it is of no use.
result<std::unique_ptr<index>> open_index(const fs::path& store, const lmdb_log& log, const open_options& with,
                                          bool is_useful, const std::string& why_not) {
  if (is_useful) {
    auto made = lmdb_index::open(store / "derived", log.who(), {with.derived_map_bytes, with.read_only, false});
    if (made) return std::unique_ptr<index>{std::move(*made)};
    if (with.read_only) return std::unique_ptr<index>{};
  } else if (with.read_only)
    return std::unique_ptr<index>{};
  else if (fs::exists(store / "derived") && with.warn)
    with.warn(store.string() + "/derived is dropped and built again: " + why_not);
  return fresh_index(store, log.who(), with);
}

}  // namespace

result<std::unique_ptr<opened>> open_store(const fs::path& directory, const open_options& with) {
  if (auto ok = prepare_directory(directory, with); !ok) return std::move(ok).error();
  auto made = std::make_unique<opened>();
  made->registered = open_directories::add(directory);
  if (!made->registered) return error{errc::misuse, directory.string(), "this process has it open already: share that one"};
  if (!with.read_only) {
    auto lock = files::writer_lock::take(directory);
    if (!lock) return std::move(lock).error();
    made->lock.emplace(std::move(*lock));
    files::remove_leftovers(directory);
  }

  // Derived state first, then the log: what the log gains meanwhile cannot look like a loss.
  std::optional<result<derived_mark>> mark;
  identity before;
  if (fs::exists(directory / "log")) {
    open_options look = with;
    look.read_only = true;
    auto peek = open_log(directory, look, false);
    if (!peek) return std::move(peek).error();
    before = (*peek)->who();
    if (fs::exists(directory / "derived")) mark = mark_of(directory, before, look);
    if (mark && *mark) {
      peek->reset();
      auto again = open_log(directory, look, false);
      if (!again) return std::move(again).error();
      if (auto loss = lost(**again, **mark)) {
        if (!with.accept_loss || with.read_only) return std::move(*loss);
        mark = std::move(*loss);
      }
    }
  }
  const bool loss = mark && !*mark && mark->error().code == errc::derived_ahead;
  auto log = open_log(directory, with, loss);
  if (!log) return std::move(log).error();
  const bool same_history = (*log)->who().history == before.history;
  const bool useful = mark && *mark && same_history;
  const auto why_not = mark && !*mark ? mark->error().message() : std::string{"another history of the log"};
  auto index = open_index(directory, **log, with, useful, why_not);
  if (!index) return std::move(index).error();
  made->log = std::move(*log);
  made->index = std::move(*index);
  return made;
}

}  // namespace annals::store
