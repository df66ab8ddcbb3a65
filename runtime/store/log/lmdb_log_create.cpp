// Creates a log, checks its identity, and copies it.
#include "store/log/lmdb_log.hpp"

#include "store/os/files.hpp"

#include <sys/stat.h>

#include <random>

namespace annals::store {
namespace {

constexpr std::uint64_t small_map = 64 << 20;  // for creating; open() reserves the full map later

template <class T>
std::string_view bytes_of(const T& v) {
  return {reinterpret_cast<const char*>(&v), sizeof v};
}

/// For reading. A value that cannot be read counts as missing; the caller reports it if it needs the value.
class meta_table {
public:
  explicit meta_table(const read_transaction& txn) : txn_(&txn) {}

  std::optional<std::string_view> get(std::string_view name) {
    auto found = txn_->find("meta", name);
    if (found) return *found;
    if (!wrong_) wrong_ = std::move(found).error();
    return std::nullopt;
  }
  template <class T>
  std::optional<T> number(std::string_view name) {
    const auto bytes = get(name);
    if (!bytes || bytes->size() != sizeof(T)) return std::nullopt;
    T v{};
    std::memcpy(&v, bytes->data(), sizeof v);
    return v;
  }
  /// The first error: a damaged page, or no such table.
  const std::optional<error>& wrong() const { return wrong_; }

private:
  const read_transaction* txn_;
  std::optional<error> wrong_;
};

std::uint64_t random_number() {
  std::random_device device;
  return ((std::uint64_t{device()} << 32) | device()) | 1;  // never 0
}

std::string new_store_id() {
  constexpr char digits[] = "0123456789abcdef";
  std::random_device device;
  std::string id;
  while (id.size() < 32)
    for (auto bits = device(), n = 0u; n < 8; ++n, bits >>= 4) id += digits[bits & 15];
  return id;
}

std::string packed(const std::vector<former_history>& former) {
  std::string bytes;
  for (const auto& f : former) bytes.append(bytes_of(f.id)).append(bytes_of(f.fork));
  return bytes;
}

error foreign(const std::filesystem::path& directory, std::string why) {
  return {errc::store_foreign, directory.string() + " is not a log of annals", files::perhaps_torn(std::move(why))};
}

/// Creates the tables of an empty log.
result<void> create_tables(const std::filesystem::path& directory, const log_identity& of, bool is_copy) {
  auto env = lmdb_environment::open(directory, {small_map});
  if (!env) return std::move(env).error();
  auto txn = write_transaction::begin(**env);
  if (!txn) return std::move(txn).error();
  MDB_dbi events = 0, control = 0, meta = 0;
  int rc = mdb_dbi_open(txn->get(), "events", MDB_CREATE | MDB_INTEGERKEY, &events);
  if (!rc) rc = mdb_dbi_open(txn->get(), "control", MDB_CREATE, &control);
  if (!rc) rc = mdb_dbi_open(txn->get(), "meta", MDB_CREATE, &meta);
  if (!rc) rc = put(txn->get(), meta, "format", bytes_of(log_format));
  if (!rc) rc = put(txn->get(), meta, "store", of.store_id);
  if (!rc) rc = put(txn->get(), meta, "history", bytes_of(of.history));
  if (!rc && !of.former.empty()) rc = put(txn->get(), meta, "former", packed(of.former));
  if (!rc) rc = put(txn->get(), meta, "generation", bytes_of(std::uint64_t{0}));
  if (!rc && is_copy) rc = put(txn->get(), meta, "backup", "1");
  if (!rc) rc = txn->commit();
  if (rc) return lmdb_error(rc, "creating " + directory.string());
  return {};
}

}  // namespace

result<std::string> lmdb_log::create(const std::filesystem::path& directory) {
  auto id = new_store_id();
  if (auto ok = create_tables(directory, {id, random_number(), {}, 0}, false); !ok) return std::move(ok).error();
  return id;
}

result<void> lmdb_log::create_copy(const std::filesystem::path& directory, const log_identity& of) { return create_tables(directory, of, true); }

result<void> lmdb_log::follow(const log_identity& source) {
  auto txn = write_transaction::begin(*env_);
  if (!txn) return std::move(txn).error();
  int rc = unless_broken([&] {
    const int put_rc = put(txn->get(), meta_, "history", bytes_of(source.history));
    return put_rc ? put_rc : put(txn->get(), meta_, "former", packed(source.former));
  });
  if (!rc) rc = txn->commit();
  if (rc) return lmdb_error(rc, "following another history in " + env_->directory().string());
  identity_.history = source.history;
  identity_.former = source.former;
  return {};
}

result<std::unique_ptr<lmdb_log>> lmdb_log::open(const std::filesystem::path& directory, const log_options& with) {
  std::unique_ptr<lmdb_log> made{new lmdb_log};
  made->read_only_ = with.read_only;
  auto env = lmdb_environment::open(directory, {with.map_bytes, with.read_only});
  if (!env) {
    auto why = std::move(env).error();
    if (why.code == errc::corrupt_record) why.detail = files::perhaps_torn(std::move(why.detail));
    return why;
  }
  made->env_ = std::move(*env);
  if (auto ok = made->open_tables(); !ok) return std::move(ok).error();
  if (!with.read_only && !with.generation_later)
    if (auto ok = made->begin_generation(with.new_history); !ok) return std::move(ok).error();
  return made;
}

result<void> lmdb_log::open_tables() {
  const auto& directory = env_->directory();
  if (read_only_) return read_identity();
  auto txn = write_transaction::begin(*env_);
  if (!txn) return std::move(txn).error();
  int rc = unless_broken([&] {
    int opened = mdb_dbi_open(txn->get(), "events", MDB_INTEGERKEY, &events_);
    if (!opened) opened = mdb_dbi_open(txn->get(), "control", 0, &control_);
    return opened ? opened : mdb_dbi_open(txn->get(), "meta", 0, &meta_);
  });
  if (!rc) rc = txn->commit();
  if (rc) return foreign(directory, mdb_strerror(rc));
  return read_identity();
}

result<void> lmdb_log::read_identity() {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto& directory = env_->directory();
  meta_table meta{*txn};
  const auto format = meta.number<std::uint32_t>("format");
  const auto store = meta.get("store");
  const auto history = meta.number<std::uint64_t>("history");
  const auto generation = meta.number<std::uint64_t>("generation");
  if (format && *format > log_format)  // checked first: a newer format may store the rest elsewhere
    return error{errc::store_newer, directory.string(), "format " + std::to_string(*format) + ", this program knows " + std::to_string(log_format)};
  if (format != log_format || !store || store->size() != 32 || !history || !generation)
    return foreign(directory, meta.wrong() ? meta.wrong()->message() : "the store id is missing");
  identity_ = {std::string{*store}, *history, {}, *generation};
  const auto former = meta.get("former").value_or("");
  for (std::size_t i = 0; i + 16 <= former.size(); i += 16) {
    former_history f{};
    std::memcpy(&f.id, former.data() + i, 8);
    std::memcpy(&f.fork, former.data() + i + 8, 8);
    identity_.former.push_back(f);
  }
  if (const auto next = meta.number<front::place>("front")) next_in_front_ = *next;
  restored_ = meta.get("backup").has_value();
  if (meta.wrong() && !read_only_) return *meta.wrong();
  const auto head = head_in(*txn);
  if (!head) return head.error();
  head_ = *head;
  if (*head == 0) return {};
  const position last[] = {*head};
  auto ok = read_at(last, [&](const record_view& r) {
    last_time_ = r.time;
    return true;
  });
  if (read_only_) return {};  // a damaged last record must not prevent reading the others
  return ok;
}

result<lmdb_log::end> lmdb_log::end_now() const {
  const auto txn = read_transaction::begin(*env_);
  if (!txn) return txn.error();
  const auto head = head_in(*txn);
  if (!head) return head.error();
  meta_table meta{*txn};
  return end{*head, meta.number<front::place>("front").value_or(front::place{}), meta.number<std::uint64_t>("generation").value_or(0)};
}

int lmdb_log::put_place(MDB_txn* txn, const front::place& next) const { return put(txn, meta_, "front", bytes_of(next)); }

result<void> lmdb_log::begin_generation(bool new_history) {
  auto txn = write_transaction::begin(*env_);
  if (!txn) return std::move(txn).error();
  const auto generation = identity_.generation + 1;
  auto history = identity_.history;
  auto former = identity_.former;
  if (restored_ || new_history) {
    former.push_back({history, head_});
    history = random_number();
  }
  int rc = unless_broken([&] {
    int put_rc = put(txn->get(), meta_, "generation", bytes_of(generation));
    if (!restored_ && !new_history) return put_rc;
    if (!put_rc) put_rc = put(txn->get(), meta_, "history", bytes_of(history));
    if (!put_rc) put_rc = put(txn->get(), meta_, "former", packed(former));
    auto key = to_val("backup");
    return !put_rc && restored_ ? mdb_del(txn->get(), meta_, &key, nullptr) : put_rc;
  });
  if (!rc) rc = txn->commit();
  if (rc) {
    {
      const auto aborted = std::move(*txn);
    }
    const auto outcome = failed_commit(rc, 0);
    return error{outcome.status == commit_status::no_space ? errc::storage_full : errc::store_failed,
                 "beginning a generation in " + env_->directory().string(), outcome.detail};
  }
  identity_.generation = generation;
  if (restored_ || new_history) {
    identity_.history = history;
    identity_.former = std::move(former);
    restored_ = false;
  }
  return {};
}

result<void> lmdb_log::sync() const {
  if (const int rc = mdb_env_sync(env_->get(), 1)) return lmdb_error(rc, "syncing " + env_->directory().string());
  return {};
}

result<void> lmdb_log::backup(const std::filesystem::path& target) const {
  auto half = files::temporary_beside(target);
  if (!half) return std::move(half).error();
  if (auto ok = files::create_private_directory(half->path() / "log"); !ok) return ok;
  if (auto ok = copy_to(half->path() / "log"); !ok) return ok;
  if (auto ok = files::set_modes(half->path(), is_readable_by_group()); !ok) return ok;
  return half->become(target);
}

bool lmdb_log::is_readable_by_group() const {
  int file = -1;
  struct stat info{};
  return mdb_env_get_fd(env_->get(), &file) == 0 && ::fstat(file, &info) == 0 && (info.st_mode & S_IRGRP) != 0;
}

result<void> lmdb_log::copy_to(const std::filesystem::path& directory) const {
  if (!env_->is_ours()) return used_after_fork();
  const auto doing = "copying the log to " + directory.string();
  if (const int rc = mdb_env_copy2(env_->get(), directory.c_str(), 0)) return lmdb_error(rc, doing);
  MDB_envinfo info{};
  mdb_env_info(env_->get(), &info);
  {
    auto env = lmdb_environment::open(directory, {info.me_mapsize});
    if (!env) return std::move(env).error();
    auto txn = write_transaction::begin(**env);
    if (!txn) return std::move(txn).error();
    MDB_dbi meta = 0;
    int rc = unless_broken([&] {
      const int opened = mdb_dbi_open(txn->get(), "meta", 0, &meta);
      return opened ? opened : put(txn->get(), meta, "backup", "1");
    });
    if (!rc) rc = txn->commit();
    if (rc) return lmdb_error(rc, doing);
  }
  return {};
}

}  // namespace annals::store
