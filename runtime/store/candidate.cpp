#include "store/candidate.hpp"

#include "store/derived/image_files.hpp"
#include "store/derived/lmdb_derived_store.hpp"
#include "store/lmdb/file_check.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <span>
#include <vector>

namespace annals::store {
namespace {

namespace fs = std::filesystem;

/// Opens the log read only, for a reader or for the look of a writer. A writer holds the lock and does not write yet, so its look
/// includes the records that only the front (the write-ahead log) has: if an earlier process had no space in LMDB, derived state
/// may know of them. If the front cannot be read, the look does without; a writable open decides about the front.
result<std::unique_ptr<front_log>> open_log(const fs::path& store, const open_options& with) {
  if (auto ok = check_log_file(store); !ok) return std::move(ok).error();
  const bool is_writer = !with.read_only;
  front_log_options how{with.log_map_bytes, true, false, false, with.front_bytes_min, with.front_bytes_max};
  how.beside_writer = !is_writer && files::writer_lock::is_held(store);
  auto log = front_log::open(store / "log", how);
  if (log || how.beside_writer) return log;
  // For a reader: a writer may have opened the store meanwhile, and uses the front.
  if (!is_writer && !files::writer_lock::is_held(store)) return log;
  how.beside_writer = true;
  return front_log::open(store / "log", how);
}

result<std::unique_ptr<derived_store>> open_derived(const fs::path& store, const log_identity& of, const open_options& with) {
  const auto directory = store / "derived";
  if (auto ok = check_lmdb_file(directory); !ok) return std::move(ok).error();
  auto derived = lmdb_derived_store::open(directory, of, {with.derived_map_bytes, true});
  if (!derived) return std::move(derived).error();
  return std::unique_ptr<derived_store>{std::move(*derived)};
}

std::vector<derived_mark> marks_of(const fs::path& store, const log_identity& of, const derived_store& derived) {
  std::vector<derived_mark> marks{derived.mark()};
  for (const auto& one : image_files{images_of(store), of}.heads()) marks.push_back(one.mark);
  return marks;
}

/// Rule 6: the log must have every record that derived state knows.
std::optional<error> lost(const front_log& log, std::span<const derived_mark> marks) {
  derived_mark mark;
  for (const auto& one : marks)
    if (one.at > mark.at && log.checksum_at(one.at) != one.checksum) mark = one;
  if (mark.at == 0) return std::nullopt;
  const auto head = log.durable();
  if (mark.at <= head)  // perhaps the record cannot be read; that does not make it another record
    if (const auto ok = log.read_at(std::array{mark.at}, [](const record_view&) { return true; }); !ok) return ok.error();
  std::string what = mark.at > head ? "positions " + std::to_string(head + 1) + " to " + std::to_string(mark.at) + " are gone"
                                    : "the log has another record at position " + std::to_string(mark.at);
  return error{errc::derived_ahead, "the log lacks records that derived state has", what + "; open with accept_loss to continue without them", 0,
               head + 1};
}

/// The damage that a writer has noted in derived/. Checked last: a damaged index, too, may know of a loss.
std::optional<error> known_damage(const fs::path& store) {
  const auto path = store / "derived" / damage_note;
  std::error_code ignored;
  if (fs::symlink_status(path, ignored).type() == fs::file_type::not_found) return std::nullopt;
  std::ifstream note{path};
  if (!note) return error{errc::store_failed, "reading " + path.string(), "the note about damage in derived/ cannot be read"};
  return error{errc::store_foreign, "derived/", {std::istreambuf_iterator<char>{note}, {}}};
}

}  // namespace

fs::path images_of(const fs::path& store) { return store / "derived" / "images"; }

bool is_useless(const error& why) { return why.code == errc::store_foreign || why.code == errc::store_newer || why.code == errc::history_differs; }

result<void> check_log_file(const fs::path& store) {
  auto ok = check_lmdb_file(store / "log");
  if (ok) return ok;
  auto why = std::move(ok).error();
  if (why.code == errc::store_foreign) why.detail = files::perhaps_torn(std::move(why.detail));
  return why;
}

result<candidate> look_at(const fs::path& store, const open_options& with) {
  candidate found;
  auto log = open_log(store, with);
  if (!log) return std::move(log).error();
  found.log = std::move(*log);
  if (!fs::exists(store / "derived")) return found;
  const auto& of = found.log->identity();
  auto derived = open_derived(store, of, with);
  if (!derived) {
    found.unusable = std::move(derived).error();
    return found;
  }
  // The marks are read before the log's head: derived state is never ahead of LMDB, whose present head an open log reads. So records
  // that a writer adds meanwhile cannot look like a loss.
  found.unusable = lost(*found.log, marks_of(store, of, **derived));
  if (!found.unusable) found.unusable = known_damage(store);
  if (!found.unusable) found.derived = std::move(*derived);
  return found;
}

}  // namespace annals::store
