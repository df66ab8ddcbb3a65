#include "store/open_store.hpp"

#include "store/derived/image_files.hpp"
#include "store/derived/lmdb_derived_store.hpp"
#include "store/lmdb/file_check.hpp"
#include "store/log/front_log.hpp"
#include "store/os/forks.hpp"
#include "store/os/size_signal.hpp"

#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
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

result<void> check_log_file(const fs::path& store) {
  auto ok = check_lmdb_file(store / "log");
  if (ok) return ok;
  auto why = std::move(ok).error();
  if (why.code == errc::store_foreign) why.detail = files::perhaps_torn(std::move(why.detail));
  return why;
}

/// Checks that the directory is a store, or may become one, before anything in it is touched.
result<void> check_contents(const fs::path& store, const open_options& with) {
  if (fs::exists(store / "log")) return check_log_file(store);
  if (!holds_nothing(store)) return error{errc::store_foreign, store.string(), "it has no log/, and other things in it"};
  if (with.read_only || !with.create) return missing(store, "there is no store in it");
  return {};
}

result<void> create_log(const fs::path& store, const open_options& with) {
  auto half = files::temporary_beside(store / "log");
  if (!half) return std::move(half).error();
  if (auto ok = front_log::create(half->path(), with.front_bytes_min); !ok) return ok;
  return half->become(store / "log");
}

result<void> prepare_directory(const fs::path& directory, const open_options& with) {
  std::error_code wrong;
  if (!fs::exists(directory, wrong)) {
    if (with.read_only || !with.create) return missing(directory, "there is no such directory");
    if (auto ok = files::create_directories(directory); !ok) return ok;
  }
  if (!fs::is_directory(directory, wrong)) return missing(directory, "it is not a directory");
  if (auto ok = files::check_file_system(directory); !ok) return ok;
  if (!with.read_only && ::access(directory.c_str(), W_OK | X_OK) != 0) return missing(directory, "it is not writable");
  return check_contents(directory, with);
}

/// `alone`: the lock's holder is this process, which does not write yet.
result<std::unique_ptr<front_log>> open_log(const fs::path& store, const open_options& with, bool new_history, bool alone = false) {
  if (!fs::exists(store / "log"))
    if (auto ok = create_log(store, with); !ok) return std::move(ok).error();
  if (auto ok = check_log_file(store); !ok) return std::move(ok).error();
  front_log_options how{with.log_map_bytes, with.read_only, new_history, with.accept_loss, with.front_bytes_min, with.front_bytes_max};
  how.beside_writer = with.read_only && !alone && files::writer_lock::is_held(store);
  auto log = front_log::open(store / "log", how);
  if (log || !with.read_only || alone || how.beside_writer || !files::writer_lock::is_held(store)) return log;
  how.beside_writer = true;  // a writer has opened the store meanwhile and uses the front (the write-ahead log)
  return front_log::open(store / "log", how);
}

/// Reports an error that does not prevent opening the store.
void tell(const open_options& with, const result<void>& done) {
  if (!done && with.warn) with.warn(done.error().message());
}

fs::path images_of(const fs::path& store) { return store / "derived" / "images"; }

/// Rule 6: the log must have every record that derived state knows. Checked before the log's own generation begins.
result<std::vector<derived_mark>> marks_of(const fs::path& store, const identity& of, const open_options& with) {
  const auto directory = store / "derived";
  if (auto ok = check_lmdb_file(directory); !ok) return std::move(ok).error();
  auto derived = lmdb_derived_store::open(directory, of, {with.derived_map_bytes, with.read_only});
  if (!derived) return std::move(derived).error();
  std::vector<derived_mark> marks{(*derived)->mark()};
  for (const auto& one : image_files{images_of(store), of}.heads()) marks.push_back(one.mark);
  return marks;
}

std::optional<error> lost(const front_log& log, std::span<const derived_mark> marks) {
  derived_mark mark;
  for (const auto& one : marks)
    if (one.at > mark.at && log.checksum_at(one.at) != one.checksum) mark = one;
  if (mark.at == 0) return std::nullopt;
  const auto head = log.durable();
  if (mark.at <= head)  // perhaps the record cannot be read; that does not make it another record
    if (const auto ok = log.read_at(std::array{mark.at}, [](const record_view&) { return true; }); !ok) return ok.error();
  std::string what = mark.at > head ? "positions " + std::to_string(head + 1) + " to " + std::to_string(mark.at) + " are gone"
                                    : "another record stands at position " + std::to_string(mark.at);
  return error{errc::derived_ahead, "the log has lost what derived state knows",
               what + "; open with accept_loss to go on without", 0, head + 1};
}

result<std::unique_ptr<derived_store>> fresh_derived(const fs::path& store, const identity& of, const open_options& with) {
  std::error_code wrong;
  fs::remove_all(store / "derived", wrong);
  if (wrong) return error{errc::store_failed, "removing " + (store / "derived").string(), wrong.message()};
  if (auto ok = files::create_private_directory(store / "derived"); !ok) return std::move(ok).error();
  auto made = lmdb_derived_store::create(store / "derived", of, {with.derived_map_bytes});
  if (!made) return std::move(made).error();
  return std::unique_ptr<derived_store>{std::move(*made)};
}

/// The bytes will never be of use. Bytes that cannot be read only for now may still know of a loss.
bool is_useless(const error& why) {
  return why.code == errc::store_foreign || why.code == errc::store_newer || why.code == errc::history_differs;
}

/// Opens derived state; drops it and creates a new one if `unusable` says why it cannot be used. For readers the result is null then.
result<std::unique_ptr<derived_store>> open_derived(const fs::path& store, const front_log& log, const open_options& with,
                                          std::optional<error>& unusable) {
  const bool is_there = fs::exists(store / "derived");
  if (is_there && !unusable) {
    auto made = lmdb_derived_store::open(store / "derived", log.who(), {with.derived_map_bytes, with.read_only});
    if (made) return std::unique_ptr<derived_store>{std::move(*made)};
    unusable = std::move(made).error();
  }
  if (with.read_only) return std::unique_ptr<derived_store>{};
  if (unusable && !is_useless(*unusable) && unusable->code != errc::derived_ahead) return *unusable;
  if (is_there && with.warn)
    with.warn((store / "derived").string() + " is dropped and built again: " + unusable->message());
  return fresh_derived(store, log.who(), with);
}

/// The damage that a writer has noted in derived/. Checked last: a damaged index, too, may know of a loss.
std::optional<error> known_damage(const fs::path& store) {
  const auto path = store / "derived" / damage_note;
  std::error_code ignored;
  if (fs::symlink_status(path, ignored).type() == fs::file_type::not_found) return std::nullopt;
  std::ifstream note{path};
  if (!note) return error{errc::store_failed, "reading " + path.string(), "what was found damaged in derived/ cannot be known"};
  return error{errc::store_foreign, "derived/", {std::istreambuf_iterator<char>{note}, {}}};
}

/// What is wrong with derived/ if it exists: useless, not readable for now, or ahead of the log. Reads derived state before
/// the log, so that records that the log gets meanwhile cannot look like a loss.
result<std::optional<error>> judge_derived(const fs::path& store, open_options look) {
  const bool alone = !look.read_only;
  look.read_only = true;
  auto log = open_log(store, look, false);
  if (!log) return std::move(log).error();
  const auto of = (*log)->who();
  log->reset();
  if (!fs::exists(store / "derived")) return std::optional<error>{};
  const auto marks = marks_of(store, of, look);
  if (!marks) return std::optional{marks.error()};
  // This log must include what only the front has: if an earlier process had no space in LMDB, derived state may know of it.
  log = open_log(store, look, false, alone);
  if (!log && alone) log = open_log(store, look, false);
  if (!log) return std::move(log).error();
  auto loss = lost(**log, *marks);
  return loss ? std::move(loss) : known_damage(store);
}

result<std::unique_ptr<opened>> open_checked(const fs::path& given, const open_options& with) {
  const auto directory = fs::absolute(given);  // relative to the current directory now: a chdir() in another thread changes nothing
  if (auto ok = prepare_directory(directory, with); !ok) return std::move(ok).error();
  auto made = std::make_unique<opened>();
  made->where = anchored_path{directory};
  const auto identity = made->where.identity();
  if (!identity) return missing(directory, "it cannot be opened");
  made->registered = open_directories::add(*identity);
  if (!made->registered) return error{errc::misuse, directory.string(), "this process has it open already: share that one"};
  if (!with.read_only) {
    auto lock = files::writer_lock::take(directory);
    if (!lock) return std::move(lock).error();
    made->lock.emplace(std::move(*lock));
    remove_leftovers(directory);
  }

  std::optional<error> unusable;
  if (fs::exists(directory / "log")) {
    auto judged = judge_derived(directory, with);
    if (!judged) return std::move(judged).error();
    unusable = std::move(*judged);
  }
  const bool loss = unusable && unusable->code == errc::derived_ahead;
  if (loss && (with.read_only || !with.accept_loss)) return std::move(*unusable);
  // Checked before a generation begins: if derived state cannot be read for now, the log is left as it is.
  if (unusable && !loss && !is_useless(*unusable) && !with.read_only) return std::move(*unusable);
  auto log = open_log(directory, with, loss);
  if (!log) return std::move(log).error();
  auto derived = open_derived(directory, **log, with, unusable);
  if (!derived) return std::move(derived).error();
  if (!*derived) made->why_no_derived = unusable ? unusable->message() : (directory / "derived").string() + " is not there";
  made->derived_is_damaged = !*derived && unusable && unusable->code == errc::store_foreign;
  made->log = std::move(*log);
  made->derived = std::move(*derived);
  if (made->derived) {
    auto images = std::make_unique<image_files>(images_of(directory), made->log->who());
    if (!with.read_only) tell(with, images->remove_leftovers());
    made->images = std::move(images);
  }
  if (!with.read_only) tell(with, files::set_modes(directory, with.readable_by_group));
  return made;
}

}  // namespace

result<std::unique_ptr<opened>> open_store(const fs::path& directory, const open_options& with) {
  const size_signal_blocked guard;
  try {
    return open_checked(directory, with);
  } catch (const fs::filesystem_error& wrong) {  // for example, a directory that may not be read
    return error{errc::store_failed, "opening " + directory.string(), wrong.what()};
  }
}

}  // namespace annals::store
